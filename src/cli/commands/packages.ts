import { inventoryFormats } from '../../reports/inventory-formats/registry.ts';
import { reportInventory } from '../../scan/inventory-report.ts';
import { takeInventory } from '../../scan/take-inventory.ts';
import type { Command } from '../command.ts';
import { listOf, OUTPUT_OPTION, parseOutputs, writeOutputs } from '../outputs.ts';
import { readSettings } from '../settings.ts';
import { readTarget, readTargetOptions, TARGET_HELP, TARGET_OPTIONS } from '../target-options.ts';

/** `cvescan packages TARGET`: what is installed, without asking any advisory. */
export const packagesCommand: Command = {
  name: 'packages',
  summary: 'List the packages of an image or a root file system.',
  usage: 'cvescan packages [OPTIONS] TARGET',
  description: [
    TARGET_HELP,
    '',
    'Examples:',
    '  cvescan packages image.tar',
    '  cvescan packages -o table -o cyclonedx-json=image.cdx.json image.tar',
    '',
    `Formats: ${inventoryFormats.map(({ name, title }) => `${name} (${title})`).join(', ')}`,
  ].join('\n'),
  options: { output: OUTPUT_OPTION, ...TARGET_OPTIONS },

  async run(invocation) {
    const { options, positionals, stdin, signal } = invocation;
    const target = readTarget(positionals, packagesCommand.usage);
    const outputs = parseOutputs(listOf(options.output), inventoryFormats);
    const { cacheDirectory, limits } = await readSettings(invocation);

    const reading = { ...readTargetOptions(options), cacheDirectory, limits, stdin, signal };
    const inventory = await takeInventory(target, reading);
    await writeOutputs(reportInventory(inventory), outputs, invocation);
    return 0;
  },
};
