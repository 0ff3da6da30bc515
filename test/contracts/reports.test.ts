import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScanReport } from '../../src/model/scan-report.ts';
import { reportFormats } from '../../src/reports/formats/registry.ts';
import {
  assertHarmless,
  HOSTILE_TEXTS,
  renderText,
  reportFormatContract,
  withText,
} from '../../src/reports/report-format.contract.ts';
import { assessedReport } from '../assessed-report.ts';
import { largeReport } from '../large-report.ts';
import { validators } from '../report-validators.ts';
import { SAMPLE_NOW, sampleReport } from '../sample-report.ts';

const template = {
  name: 'report.tmpl',
  text: '{{#findings}}\n{{vulnerability.id}} {{package.name}} {{title}} {{fix}} {{reason | html}}\n{{/findings}}\n{{^findings}}\nnothing\n{{/findings}}\n',
};
const context = { color: false, columns: undefined, now: SAMPLE_NOW, template };
const sample = assessedReport();
const large = largeReport(2_000);

const asSbom = (report: ScanReport): ScanReport => {
  const { digest: _, platform: __, ...target } = { ...report.target, kind: 'sbom' as const, name: 'shop.cdx.json' };
  return { ...report, target, layers: [] };
};
const { namespace: _, ...nowhere } = sample;

const reports: Readonly<Record<string, ScanReport>> = {
  'the sample': sampleReport(),
  'what was assessed': sample,
  'an SBOM': asSbom(sample),
  'a directory of no release': { ...nowhere, target: { kind: 'directory', name: '/' } },
  'no findings': { ...sample, findings: [], vulnerabilities: [] },
  'nothing at all': {
    ...{
      ...nowhere,
      target: { kind: 'directory', name: '' },
      layers: [],
      packages: [],
      vulnerabilities: [],
      findings: [],
    },
    ...{
      problems: [],
      ledger: { ...sample.ledger, components: 0, matched: 0, clean: 0, noVersion: 0, notAssessed: [] },
    },
  },
  ...Object.fromEntries(HOSTILE_TEXTS.map((text) => [JSON.stringify(text), withText(sample, text)])),
};

for (const format of reportFormats) {
  describe(format.name, () => {
    for (const { name, check } of reportFormatContract(format, { sample, large, context })) test(name, check);

    const validator = validators[format.name];
    for (const [shows, report] of Object.entries(reports)) {
      test.skipIf(!validator)(`is valid: ${shows}`, async () => {
        const wrong = await validator?.(await renderText(format, report, context));
        const unforeseen = wrong?.filter((message) => !isForeseen(format.name, report, message)) ?? [];
        expect([...new Set(unforeseen)].join('\n')).toBe('');
      });
    }

    test('any text is harmless in it', () =>
      fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 20 }), async (text) =>
          assertHarmless(await renderText(format, withText(sample, text), context), format.mediaType),
        ),
        { numRuns: 20 },
      ));
  });
}

/** OpenVEX foresees no document without statements, and there is nothing to state. */
function isForeseen(format: string, { findings }: ScanReport, message: string): boolean {
  return format === 'openvex' && findings.length === 0 && /statements .*fewer than 1/.test(message);
}
