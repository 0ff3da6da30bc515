// `npm run fleet-test`: a real fleet on this machine. A server over PostgreSQL, runner processes that scan real documents, and every
// few seconds a runner that is killed or stopped beyond its lease, or a server that is restarted: every job must end exactly once.
// Then how fast the queue is, and what waiting runners cost. Linux only. Flags, with their defaults:
//   --jobs 2000 --runners 8 --fast-jobs 10000 --pollers 100 --poll-seconds 60 --seed 1 --max-minutes 60 --keep
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { causeFaults, createRandom } from './fleet/cause-faults.ts';
import { checkJobs, openJobCount } from './fleet/check-jobs.ts';
import { Fleet, LEASE_SECONDS } from './fleet/fleet.ts';
import { drainQueue, pollFor, usageOf } from './fleet/simulated-runners.ts';
import { submitJobs } from './fleet/submit-jobs.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    jobs: { ...text, default: '2000' },
    runners: { ...text, default: '8' },
    'fast-jobs': { ...text, default: '10000' },
    pollers: { ...text, default: '100' },
    'poll-seconds': { ...text, default: '60' },
    seed: { ...text, default: '1' },
    'max-minutes': { ...text, default: '60' },
    keep: { type: 'boolean', default: false },
  },
});
const number = (name: Exclude<keyof typeof values, 'keep'>): number => Number(values[name]);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const isLate = AbortSignal.timeout(number('max-minutes') * 60_000);

const fleet = await Fleet.start();
let isWell = true;
try {
  if (number('jobs') > 0) isWell = await withFaults();
  if (number('fast-jobs') > 0) await fast();
  if (number('pollers') > 0) await polling();
} finally {
  await fleet.stop({ keep: values.keep });
  if (values.keep) say(`kept: ${fleet.directory}`);
}
process.exit(isWell && !isLate.aborted ? 0 : 1);

async function withFaults(): Promise<boolean> {
  const count = number('jobs');
  say(`${count} jobs, ${values.runners} runners, leases of ${LEASE_SECONDS} s, faults by seed ${values.seed}`);
  for (let runner = 0; runner < number('runners'); runner++) await fleet.addRunner();
  const ends = new AbortController();
  const faulting = causeFaults(fleet, createRandom(number('seed')), ends.signal);
  const startMs = performance.now();
  const token = await fleet.tokenOf('submitter', 'create-scan');
  const ids = await submitJobs({ endpoint: fleet.endpoint, token, count, run: randomUUID() });
  say(`  submitted after ${seconds(startMs)} s`);
  for (let open = count; open > 0 && !isLate.aborted; ) {
    await sleep(1000);
    open = await openJobCount(fleet.postgres.url).catch(() => open);
  }
  const tookSeconds = Number(seconds(startMs));
  ends.abort();
  const faults = await faulting;
  say(`  ended after ${tookSeconds} s: ${(count / tookSeconds).toFixed(1)} jobs/s`);
  say(`  faults: ${words(faults)}`);
  const outcome = await checkJobs(fleet.postgres.url, ids);
  say(`  jobs: ${words(outcome.states)}`);
  say(`  attempts: ${words(outcome.endings)}`);
  const bugs = fleet.logs().match(/.*"event":"bug".*|.*\bthis is a bug\b.*/g) ?? [];
  for (const fault of [...outcome.faults, ...bugs.slice(0, 5)]) say(`  WRONG: ${fault}`);
  if (outcome.faults.length + bugs.length === 0) say('  every job ended exactly once');
  await Promise.all(fleet.runners.map((runner) => runner.end('SIGINT')));
  fleet.runners.length = 0;
  return outcome.faults.length + bugs.length === 0;
}

async function fast(): Promise<void> {
  const count = number('fast-jobs');
  say(`${count} jobs without faults, ${values.runners} runners that do no work: what the queue does`);
  const token = await fleet.tokenOf('fast', 'create-scan');
  const submitMs = performance.now();
  await submitJobs({ endpoint: fleet.endpoint, token, count, run: randomUUID() });
  say(`  submitted: ${(count / Number(seconds(submitMs))).toFixed(0)} jobs/s`);
  const tokens = await Promise.all(
    Array.from({ length: number('runners') }, (_, index) => fleet.tokenOf(`fast-${index}`, 'runner')),
  );
  const [before, startMs] = [usageOf(fleet.server.pid), performance.now()];
  const latencies = await drainQueue(fleet.endpoint, tokens, isLate);
  const after = usageOf(fleet.server.pid);
  const tookSeconds = Number(seconds(startMs));
  const at = (share: number): string => `${(latencies[Math.ceil(latencies.length * share) - 1] ?? 0).toFixed(1)} ms`;
  say(`  done: ${(latencies.length / tookSeconds).toFixed(0)} jobs/s (lease, document, report, result)`);
  say(`  lease: median ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`);
  say(
    `  server: ${(((after.cpuSeconds - before.cpuSeconds) / tookSeconds) * 100).toFixed(0)} % of a core, ${after.rssMiB.toFixed(0)} MiB`,
  );
}

async function polling(): Promise<void> {
  const [count, forSeconds] = [number('pollers'), number('poll-seconds')];
  say(`${count} runners that wait for work, ${forSeconds} s`);
  const tokens = await Promise.all(
    Array.from({ length: count }, (_, index) => fleet.tokenOf(`poller-${index}`, 'runner')),
  );
  const before = usageOf(fleet.server.pid);
  const { requestCount } = await pollFor(fleet.endpoint, tokens, forSeconds);
  const after = usageOf(fleet.server.pid);
  const share = ((after.cpuSeconds - before.cpuSeconds) / forSeconds) * 100;
  say(`  ${requestCount} polls; server: ${share.toFixed(1)} % of a core, ${after.rssMiB.toFixed(0)} MiB`);
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}

function words(counts: object): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)}`)
    .join(', ');
}
