// Makes src/reports/html-page.ts from web/report: the script and the style that the HTML report carries in itself.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** The text of the generated file. */
export async function reportPage(): Promise<string> {
  const [script, style] = await Promise.all([bundle('page.ts'), bundle('page.css')]);
  return [
    '// Made from web/report by `node tools/build-report-page.ts`; do not edit.',
    '',
    '/** The script of the HTML report. */',
    `export const PAGE_SCRIPT =\n  ${quoted(script)};`,
    '',
    '/** Its style. */',
    `export const PAGE_STYLE =\n  ${quoted(style)};`,
    '',
  ].join('\n');
}

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'web/report', file)],
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    charset: 'ascii',
    legalComments: 'none',
    write: false,
    outdir: root,
  });
  return outputFiles[0]!.text.trim();
}

/** A literal as the formatter writes it: in the quotes that need fewer escapes. */
function quoted(text: string): string {
  const quote = text.split("'").length > text.split('"').length ? '"' : "'";
  return quote + text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(quote, `\\${quote}`) + quote;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, 'src/reports/html-page.ts'), await reportPage());
}
