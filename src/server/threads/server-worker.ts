import { openSnapshotFile } from '../../advisories/open-snapshot.ts';
import type { Snapshot } from '../../advisories/snapshot.ts';
import { answerJobs } from '../../platform/answer-jobs.ts';
import { analyse } from '../layers/analyse-layer.ts';
import { deriveOf } from '../layers/chain-inventory.ts';
import { ChainProjection } from '../layers/chain-projection.ts';
import { decodeChain } from '../layers/stored-listing.ts';
import { FeedView } from '../vulnerabilities/feed-view.ts';
import type { Answers, Job } from './jobs.ts';

// A worker thread of the server: reads layers, judges them, looks feeds through.

let projection: ChainProjection | undefined;
let opened: { readonly file: string; readonly snapshot: Snapshot; readonly view: FeedView } | undefined;

answerJobs<Job, Answers[Job['kind']]>(answer, (value) =>
  value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [],
);

async function answer(job: Job): Promise<Answers[Job['kind']]> {
  switch (job.kind) {
    case 'analyse':
      return analyse(job);
    case 'derive':
      return deriveOf(decodeChain(job.chain));
    case 'project': {
      const { judging } = job;
      const snapshot = judging?.snapshotFile === undefined ? undefined : openOnce(judging.snapshotFile).snapshot;
      projection = new ChainProjection(job, snapshot);
      return projection.names();
    }
    case 'finish':
      return projection!.encode(job);
    case 'vulnerability':
      return openOnce(job.snapshotFile).view.find(job.namespace, job.name);
    case 'vulnerabilities':
      return openOnce(job.snapshotFile).view.list(job.namespace, job);
  }
}

/** The last snapshot stays open: whoever asks holds its file until the answer. */
function openOnce(file: string): NonNullable<typeof opened> {
  if (opened?.file === file) return opened;
  opened?.snapshot.close();
  const snapshot = openSnapshotFile(file);
  opened = { file, snapshot, view: new FeedView(snapshot) };
  return opened;
}
