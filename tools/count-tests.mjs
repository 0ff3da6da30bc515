// Adds up Vitest's JSON reports and prints the one line that CI reads. Arguments: the status so far, then the reports.
import { existsSync, readFileSync } from 'node:fs';

const [statusSoFar, ...reports] = process.argv.slice(2);
let [passed, failed, skipped] = [0, 0, 0];
for (const file of reports.filter((file) => existsSync(file))) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}
// A check before the tests (types, lint), or a file that could not be loaded, fails without a test of its own.
if (statusSoFar !== '0' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
