// Bundles the program into dist/: the entry cvescan.js, one file for each worker thread, and chunks that are loaded when needed.
import { cpSync, globSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const workers = globSync('src/**/*-worker.ts').sort();

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: {
    cvescan: 'src/cli/entry.ts',
    ...Object.fromEntries(workers.map((file) => [basename(file, '.ts'), file])),
  },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  minifySyntax: true,
  legalComments: 'eof',
  // Bundled CommonJS packages ask for Node's own modules through require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// What `sbom validate` checks by: the library is not there when the program is installed.
const schemas = 'node_modules/@cyclonedx/cyclonedx-library/res/schema';
for (const file of globSync('{bom-1.[2-7]*,spdx*,jsf*,cryptography*}.SNAPSHOT.{schema.json,xsd}', { cwd: schemas }))
  cpSync(join(schemas, file), join('dist/schemas', file));
