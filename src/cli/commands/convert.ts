import { ScannerError } from '../../model/errors.ts';
import { inventoryFormats } from '../../reports/inventory-formats/registry.ts';
import { reportInventory } from '../../scan/inventory-report.ts';
import { takeInventory } from '../../scan/take-inventory.ts';
import type { Command } from '../command.ts';
import { listOf, OUTPUT_OPTION, parseOutputs, writeOutputs } from '../outputs.ts';
import { readSettings } from '../settings.ts';
import { readTarget, readTargetOptions, TARGET_OPTIONS } from '../target-options.ts';

/** `cvescan convert FILE -o FORMAT[=FILE]`: a document that lists packages, in another format. */
export const convertCommand: Command = {
  name: 'convert',
  summary: 'Write an SBOM or package list in another format.',
  usage: 'cvescan convert FILE -o FORMAT[=FILE]',
  description: [
    'FILE is a document that lists packages, recognised by its content; - is standard input.',
    'What is said of vulnerabilities (patched, ignored) and a kernel configuration are kept where the format has a place for them.',
    '',
    'Examples:',
    '  cvescan convert bom.xml -o spdx-json=bom.spdx.json',
    '  make show-info | cvescan convert - -o cvescan=inventory.json',
    '',
    `Formats: ${inventoryFormats.map(({ name, title }) => `${name} (${title})`).join(', ')}`,
  ].join('\n'),
  options: {
    output: OUTPUT_OPTION,
    distro: TARGET_OPTIONS.distro!,
    'inventory-format': TARGET_OPTIONS['inventory-format']!,
    limit: TARGET_OPTIONS.limit!,
  },

  async run(invocation) {
    const { options, positionals, stdin, signal } = invocation;
    const file = readTarget(positionals, convertCommand.usage);
    const values = listOf(options.output);
    if (values.length === 0) throw new ScannerError('usage.invalid', `give a format: ${convertCommand.usage}`);
    const outputs = parseOutputs(values, inventoryFormats);

    const target = /^(sbom|pkg|cpe):/.test(file) ? file : `sbom:${file}`;
    const { limits } = await readSettings(invocation);
    const inventory = await takeInventory(target, { ...readTargetOptions(options), limits, stdin, signal });
    await writeOutputs(reportInventory(inventory), outputs, invocation);
    return 0;
  },
};
