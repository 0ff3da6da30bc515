import type { JobView } from '../wire/jobs-v1/schemas.ts';
import { textTable } from './text-table.ts';

/** Jobs, a line each. */
export function jobTable(jobs: readonly JobView[]): string {
  return textTable(
    jobs.map((job) => [
      ...[job.id, job.type, job.state, job.created_at.slice(0, 19), `attempt ${job.attempt}`],
      job.error?.code ?? (job.progress && `${job.progress.stage} ${job.progress.done}/${job.progress.total}`),
    ]),
  );
}

/** A job with its history. */
export function jobText({ attempts, error, progress, ...job }: JobView): string {
  const facts = textTable([
    ['id', job.id],
    ['type', job.type],
    ['state', job.state],
    ['priority', String(job.priority)],
    ['created', job.created_at],
    ['deadline', job.deadline],
    ...(job.ended_at === undefined ? [] : [['ended', job.ended_at]]),
    ...(progress ? [['progress', `${progress.stage}, ${progress.done} of ${progress.total}`]] : []),
    ...(error ? [['error', `${error.code}: ${error.message}`]] : []),
  ]);
  const history = textTable(
    attempts.map(({ number, runner, started_at: start, ended_at: end, ending, reason }) => [
      ...[`attempt ${number}`, ending ?? 'running', `${start} to ${end ?? 'now'}`, `runner ${runner}`, reason],
    ]),
  );
  return history === '' ? facts : `${facts}\n${history}`;
}
