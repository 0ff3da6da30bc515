import { fakeAdvisory, fakeUpdater, updateFakes } from './fake-feeds.ts';

// Updates the database directory named by its argument again and again, until it is killed: what a test of kill -9 kills.

const [directory = ''] = process.argv.slice(2);
const PART_COUNT = 3000;

for (let round = 0; ; round++) {
  const parts = Object.fromEntries(
    Array.from({ length: PART_COUNT }, (_, index) => [
      `part-${index}`,
      { revision: `${round}`, records: [fakeAdvisory(`CVE-2024-${index}`, `package-${index % 100}`, `${round}-1`)] },
    ]),
  );
  await updateFakes(directory, [fakeUpdater('debian', { tracker: { parts } })]);
  process.stdout.write(`${round}\n`);
}
