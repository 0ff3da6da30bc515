import { z } from 'zod';
import { ATTEMPT_ENDINGS, JOB_STATES, JOB_TYPES } from '../../model/job.ts';

/**
 * What a server and its runners say to each other below `/api/v1/jobs`: JSON, times in RFC 3339 UTC, durations in seconds.
 * Nothing here may be renamed: runners of other versions read it.
 */

/** Bodies other than reports and payloads. */
export const MAX_BODY_BYTES = 1 << 20;
/** A report as it travels, and unpacked. */
export const MAX_REPORT_BYTES = 64 << 20;
export const MAX_UNPACKED_REPORT_BYTES = 512 << 20;
/** A submitted document, unpacked. */
export const MAX_SBOM_BYTES = 64 << 20;

export const LEASE_TOKEN_HEADER = 'lease-token';

const id = z.string().min(1).max(128);
const leaseToken = z.string().regex(/^[0-9a-f]{32}$/, '32 hex digits');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits');
const time = z.iso.datetime();
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const leaseRequest = z.object({
  request_id: id,
  types: z.array(z.enum(JOB_TYPES)).min(1).max(JOB_TYPES.length),
  /** Long poll; seconds. */
  wait_seconds: z.number().min(0).max(30).default(0),
});

/** The settings of a scan, or the sources of an update. */
export const kernelOptions = z.strictObject({
  config: z.object({ encoding: z.literal('gzip+base64'), content: z.base64().max(8 << 20), sha256 }).optional(),
  release: z.string().max(256).optional(),
  arch: z.string().max(64).optional(),
});
export const scanOptions = z.strictObject({
  detection: z.array(z.string().max(64)).max(16).optional(),
  consolidation: z.array(z.string().max(64)).max(16).optional(),
  distro: z.string().max(128).optional(),
  kernel: kernelOptions.optional(),
  /** The server's count of snapshots: an older one is not used. */
  min_snapshot_sequence: count.optional(),
  /** Also what publishers clear, `fixed` and `not_affected`; default true. */
  all_statements: z.boolean().optional(),
});
export const updateOptions = z.strictObject({
  datasources: z.array(z.string().max(64)).max(64).default([]),
  accept_shrink: z.boolean().default(false),
});

/** What is scanned, as a runner is told: the document comes as the job's payload, an image by URL or by a path of the runner. */
export const jobTarget = z.union([
  z.object({ kind: z.literal('sbom'), format: z.string().max(64).optional(), sha256 }),
  z.object({ kind: z.literal('image'), url: z.url({ protocol: /^https?$/ }).max(2048) }),
  z.object({ kind: z.literal('image'), path: z.string().min(1).max(4096) }),
]);

/** `name`: what a report calls its target. */
const leasedJob = z.object({ id, attempt: count, deadline: time, name: z.string().max(256).optional() });
export const leaseAnswer = z.object({
  job: z.discriminatedUnion('type', [
    leasedJob.extend({ type: z.literal('scan'), target: jobTarget, options: scanOptions }),
    leasedJob.extend({ type: z.literal('update'), options: updateOptions }),
  ]),
  /** `duration_seconds` is what is left of it: it begins with the sending of the request that is answered. */
  lease: z.object({ token: leaseToken, expires_at: time, duration_seconds: z.number().positive() }),
});

export const renewRequest = z.object({ lease_token: leaseToken });
export const renewAnswer = z.object({ expires_at: time });

export const progressRequest = z.object({
  lease_token: leaseToken,
  done: count,
  total: count,
  stage: z.string().max(64),
});

export const reportAnswer = z.object({ sha256 });

export const jobError = z.object({
  code: z.string().min(1).max(64),
  message: z.string().max(4096),
  retryable: z.boolean().default(false),
});

const result = z.object({
  lease_token: leaseToken,
  counts: z.record(z.string().max(64), count).optional(),
  snapshot_id: z.string().max(128).optional(),
});
export const resultRequest = z.discriminatedUnion('status', [
  result.extend({ status: z.literal('succeeded'), report_sha256: sha256.optional() }),
  result.extend({ status: z.literal('failed'), error: jobError }),
]);

export const releaseRequest = z.object({ lease_token: leaseToken });

export const attempt = z.object({
  number: count,
  runner: z.string(),
  started_at: time,
  ended_at: time.optional(),
  ending: z.enum(ATTEMPT_ENDINGS).optional(),
  reason: z.string().optional(),
});

export const job = z.object({
  id,
  type: z.enum(JOB_TYPES),
  state: z.enum(JOB_STATES),
  priority: z.number().int(),
  created_at: time,
  deadline: time,
  ended_at: time.optional(),
  attempt: count,
  progress: z.object({ done: count, total: count, stage: z.string() }).optional(),
  error: jobError.optional(),
  scan_id: id.optional(),
  attempts: z.array(attempt),
});
export const jobList = z.object({ jobs: z.array(job), next: z.string().optional() });

export const errorAnswer = z.object({
  error: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }),
});

export type LeaseRequest = z.infer<typeof leaseRequest>;
export type LeaseAnswer = z.infer<typeof leaseAnswer>;
export type ScanOptions = z.infer<typeof scanOptions>;
export type UpdateOptions = z.infer<typeof updateOptions>;
export type JobTarget = z.infer<typeof jobTarget>;
export type ProgressRequest = z.infer<typeof progressRequest>;
export type ResultRequest = z.infer<typeof resultRequest>;
export type JobView = z.infer<typeof job>;
export type JobErrorView = z.infer<typeof jobError>;
