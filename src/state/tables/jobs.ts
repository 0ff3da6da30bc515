import type { AttemptEnding, JobState, JobType } from '../../model/job.ts';

/**
 * The tables of the queue. Times are milliseconds of the database's clock, JSON is text.
 * A job's reports belong to one of its leases: what an older lease left behind is never taken for the current one's.
 */
export interface JobTables {
  job: JobRow;
  job_attempt: AttemptRow;
  job_payload: { job_id: string; chunk: number; bytes: Uint8Array };
  job_report: { job_id: string; lease_number: number; sha256: string; size_bytes: number };
  job_report_chunk: { job_id: string; lease_number: number; sha256: string; chunk: number; bytes: Uint8Array };
  runner_seen: { runner: string; seen_at: number };
}

export interface JobRow {
  id: string;
  type: JobType;
  state: JobState;
  priority: number;
  created_at: number;
  not_before: number;
  deadline_at: number;
  timeout_ms: number;
  attempt_count: number;
  lease_count: number;
  release_count: number;
  lease_token: string | null;
  lease_runner: string | null;
  lease_request_id: string | null;
  lease_started_at: number | null;
  lease_expires_at: number | null;
  ended_at: number | null;
  error: string | null;
  /** JSON, as the runner is told. */
  work: string;
  /** JSON: `done`, `total`, `stage`. */
  progress: string | null;
  /** The id of the token that submitted it. */
  submitter: string;
  /** The only runner that may have it. */
  for_runner: string | null;
  payload_format: string | null;
  payload_sha256: string | null;
  /** JSON of the result that was taken: `snapshotId`, `counts`, `reportSha256`. */
  result: string | null;
}

export interface AttemptRow {
  job_id: string;
  /** The lease's number: the fencing number. */
  number: number;
  runner: string;
  started_at: number;
  ended_at: number | null;
  ending: AttemptEnding | null;
  reason: string | null;
  /** SHA-256 of the lease token in hex. */
  token_hash: string;
  /** SHA-256 of the result that was delivered with it. */
  result_hash: string | null;
}
