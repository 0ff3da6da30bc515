import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ScannerError } from '../../model/errors.ts';
import { quietWarnings } from '../../platform/quiet-warnings.ts';
import { reportFormats } from '../../reports/formats/registry.ts';
import { readReport } from '../../reports/read-report.ts';

// A process that renders one stored report: gzip of our JSON on standard input; format and time of the report as arguments. What runners
// deliver is untrusted: whatever reading it does to a process, it is done to this one. An error is a line of JSON on standard error.

quietWarnings();
const [, , name, madeAt] = process.argv;
const format = reportFormats.find((one) => one.name === name)!;

try {
  const report = await readReport(await text(process.stdin.pipe(createGunzip())), 'the stored report');
  const context = { color: false, columns: undefined, now: new Date(madeAt!) };
  await pipeline(Readable.from(format.render(report, context)), process.stdout);
} catch (error) {
  const isOurs = error instanceof ScannerError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${JSON.stringify({ code: isOurs ? error.code : 'report.malformed', message })}\n`);
  process.exitCode = 1;
}
