// Says by its exit code whether the container's process is well:   node health.mjs [HEALTH-URL]
// A runner touches the file that CVESCAN_RUNNER_HEARTBEAT names; a server answers on its health port. Other commands are always well.
import { statSync } from 'node:fs';

const MAX_AGE_MS = 120_000;
const url = process.argv[2] ?? 'http://127.0.0.1:6061/livez';
const beaten = statSync(process.env.CVESCAN_RUNNER_HEARTBEAT ?? '', { throwIfNoEntry: false });

if (beaten) process.exit(Date.now() - beaten.mtimeMs < MAX_AGE_MS ? 0 : 1);
const isWell = await fetch(url, { signal: AbortSignal.timeout(4000) }).then(
  ({ ok }) => ok,
  () => false,
);
process.exit(isWell ? 0 : 1);
