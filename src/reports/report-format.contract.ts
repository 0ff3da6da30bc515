import assert from 'node:assert/strict';
import type { ScanReport } from '../model/scan-report.ts';
import { isOpen } from './finding-rows.ts';
import type { RenderContext, ReportFormat } from './report-format.ts';
import { isMereMismatch } from './vex-analysis.ts';

/** A promise of a family's contract, held against one plugin. Rejects with an assertion that says what was broken. */
export interface ContractCheck {
  readonly name: string;
  check(): Promise<void>;
}

/** What a format is tried with. */
export interface ReportFixture {
  /** With findings of every status. */
  readonly sample: ScanReport;
  /** With more findings than fit in one piece. */
  readonly large: ScanReport;
  readonly context: RenderContext;
}

/** What strangers may write into names, versions and texts. */
export const HOSTILE_TEXTS = [
  '\u001b]0;owned\u0007\u001b[2J',
  '\nINJECTED',
  '\r\n::error::INJECTED',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><b>\' ]]> --> <!--',
  '=HYPERLINK("http://evil.example";"x")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  '| a | b |\n| --- | --- |',
  '`code` **bold** [x](javascript:alert(1)) ![x](http://evil.example/x.png)',
  '{{#findings}}{{/findings}}',
  '\u202eevil\u2028\u200b\ufeff\u009b',
  '\ud800 \u0000 \uffff',
  '%0A::error::INJECTED',
  '__proto__',
  '',
] as const;

/** The whole text of a report. */
export async function renderText(format: ReportFormat, report: ScanReport, context: RenderContext): Promise<string> {
  let text = '';
  for await (const piece of format.render(report, context)) text += piece;
  return text;
}

/** The checks of the family `formats/`. */
export function reportFormatContract(
  format: ReportFormat,
  { sample, large, context }: ReportFixture,
): readonly ContractCheck[] {
  const render = (report: ScanReport, changes: Partial<RenderContext> = {}) =>
    renderText(format, report, { ...context, ...changes });
  const empty = { ...sample, findings: [], vulnerabilities: [], problems: [] };
  return [
    {
      name: 'the same report gives the same bytes, in whatever order its objects came to be',
      check: async () => assert.equal(await render(reversed(sample)), await render(sample)),
    },
    {
      name: 'no finding is lost',
      check: async () => assertNothingLost(sample, await render(sample), format.onlyOpen === true),
    },
    {
      name: 'a report without findings is whole too',
      check: async () => assert.notEqual(await render(empty), ''),
    },
    {
      name: 'a large report comes in pieces',
      check: async () => {
        const lengths: number[] = [];
        for await (const piece of format.render(large, context)) lengths.push(piece.length);
        assert.ok(lengths.length > 2, `it came in ${lengths.length} pieces`);
        assert.ok(Math.max(...lengths) < 1 << 19, `a piece had ${Math.max(...lengths)} signs`);
      },
    },
    {
      name: 'what strangers wrote commands neither terminals nor browsers nor workflows',
      check: async () => {
        for (const text of HOSTILE_TEXTS) assertHarmless(await render(withText(sample, text)), format.mediaType);
      },
    },
  ];
}

/** Rejects where a text could command what shows it. */
export function assertHarmless(text: string, mediaType: string): void {
  const [obeyed] =
    /(?!\n|\r\n)[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.exec(text) ?? [];
  assert.equal(obeyed, undefined, `U+${obeyed?.charCodeAt(0).toString(16)} is in the text`);
  assert.ok(text.isWellFormed(), 'a lone surrogate is in the text');
  assert.doesNotMatch(text, /^(INJECTED|::error::INJECTED)/m, 'a line was injected');
  if (!/html|xml|markdown/.test(mediaType)) return;
  // Nothing has a meaning in a code span of Markdown.
  const shown = mediaType.includes('markdown') ? text.replace(/`[^`\n]*`/g, '') : text;
  assert.doesNotMatch(shown, /<script>alert|<img src=x|<b>'/, 'markup is in the text');
}

/** The report with one text in the place of everything that a stranger may have written. */
export function withText(report: ScanReport, text: string): ScanReport {
  const { target, layers, packages, findings, vulnerabilities, ledger } = report;
  return {
    ...report,
    target: { ...target, name: text, digest: text, platform: text },
    namespace: text,
    layers: layers.map((layer) => ({ ...layer, createdBy: text })),
    packages: packages.map((item) => ({
      ...{ ...item, name: text, version: text, arch: text, namespace: text, source: { name: text, version: text } },
      ...{ purl: text, cpes: [text], properties: { [text]: text }, filtered: text },
      locations: item.locations.map((location) => ({ ...location, path: text })),
    })),
    vulnerabilities: vulnerabilities.map((item, n) => ({
      ...{ ...item, id: `${text}${n}`, aliases: [text], summary: text, description: text, cwes: [text] },
      ...{ published: text, modified: text, references: [{ url: text, tags: [text] }, { url: `https://x/${text}` }] },
      cvss: item.cvss.map((one) => ({ ...one, vector: text, source: text })),
    })),
    findings: findings.map((finding) => ({
      ...finding,
      vulnerability: {
        id: `${text}${vulnerabilities.findIndex(({ id }) => id === finding.vulnerability.id)}`,
        aliases: [text],
      },
      ...{ fixedVersions: [text], severity: { ...finding.severity, source: text } },
      assessments: [{ status: 'package patched', source: text, detail: text, evidence: { [text]: [text] } }],
      annotation: { status: 'todo', isVulnerable: true, log: [{ at: text, comment: text }] },
      proof: {
        ...finding.proof,
        advisory: { ...finding.proof.advisory, advisoryId: text, source: text, note: text, link: text },
        comparison: { ...finding.proof.comparison, reason: text },
      },
    })),
    problems: [{ code: text, message: text, path: text }],
    ledger: { ...ledger, notAssessed: packages.map(({ id }) => ({ packageId: id, class: 'noFeed', reason: text })) },
  };
}

/** What only says that other versions have a flaw is not told by VEX. */
function assertNothingLost({ findings }: ScanReport, text: string, onlyOpen: boolean): void {
  const told = findings.filter((finding) => isOpen(finding) || (!onlyOpen && !isMereMismatch(finding)));
  const ids = new Set(told.map(({ vulnerability }) => vulnerability.id));
  assert.deepEqual(
    [...ids].filter((id) => !text.includes(id)),
    [],
    'these vulnerabilities are missing',
  );
}

/** The same report, its objects with their keys in the other order. */
function reversed(report: ScanReport): ScanReport {
  const turn = <Item extends object>(item: Item): Item => Object.fromEntries(Object.entries(item).reverse()) as Item;
  const { packages, vulnerabilities, findings } = report;
  return turn({
    ...report,
    ...{ packages: packages.map(turn), vulnerabilities: vulnerabilities.map(turn), findings: findings.map(turn) },
  });
}
