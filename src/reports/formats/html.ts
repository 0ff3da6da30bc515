import { createHash } from 'node:crypto';
import type { ScanReport } from '../../model/scan-report.ts';
import { printable } from '../../platform/terminal.ts';
import { pageBlocks } from '../html-data.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from '../html-page.ts';
import { harmlessJson } from '../json-pieces.ts';
import { inPieces } from '../pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { xmlText } from '../xml-text.ts';

/**
 * One file that needs nothing else: data as JSON that no browser runs, and the script of web/report, which writes it as text only.
 * The policy in its head lets nothing else run, and nothing be fetched or sent.
 */
export const htmlFormat: ReportFormat = {
  name: 'html',
  title: 'one page for browsers: search, sort, filter, proofs',
  mediaType: 'text/html; charset=utf-8',

  render: (report, { now }) => inPieces(textsOf(report, now)),
};

function* textsOf(report: ScanReport, now: Date): Generator<string> {
  yield headText(report);
  yield bodyText(report);
  for (const { kind, value } of pageBlocks(report, now))
    yield `<script type="application/json" class="${kind}">${inertJson(value)}</script>\n`;
  yield `<script>${PAGE_SCRIPT}</script>\n</body>\n</html>\n`;
}

const policy = [
  "default-src 'none'",
  `script-src '${hashOf(PAGE_SCRIPT)}'`,
  `style-src '${hashOf(PAGE_STYLE)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function headText({ target }: ScanReport): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${xmlText(printable(target.name))} - vulnerabilities</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '',
  ].join('\n');
}

/** What is there without a script. */
function bodyText({ target, findings, packages }: ScanReport): string {
  const counts = `${findings.length} findings in ${packages.length} packages.`;
  const advice = 'This page needs its own script to list them; cvescan export-report writes other formats.';
  return `<body>\n<noscript><h1>${xmlText(printable(target.name))}</h1><p>${counts} ${advice}</p></noscript>\n`;
}

/** JSON inside a script element: no sign in it can end the element or begin a comment. */
function inertJson(value: unknown): string {
  return harmlessJson(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}
