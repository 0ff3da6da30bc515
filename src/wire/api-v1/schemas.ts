import { z } from 'zod';
import { JOB_STATES } from '../../model/job.ts';
import { jobError, jobTarget, scanOptions, updateOptions } from '../jobs-v1/schemas.ts';

/** What people and their pipelines say to a server below `/api/v1`. */

export const PERMISSIONS = ['runner', 'create-scan', 'admin'] as const;

const id = z.string().min(1).max(128);
const time = z.iso.datetime();
const name = z.string().min(1).max(256);

/** An SBOM inside JSON; multipart is the other way. */
export const encodedSbom = z.object({
  kind: z.literal('sbom'),
  format: z.string().max(64).optional(),
  encoding: z.literal('gzip+base64'),
  content: z.base64(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits'),
});

const scanSettings = z.object({
  name,
  options: scanOptions.default({}),
  priority: z.number().int().min(-100).max(100).default(0),
  timeout_seconds: z
    .number()
    .int()
    .min(1)
    .max(7 * 86_400)
    .default(3600),
});
export const scanSubmission = scanSettings.extend({ target: z.union([encodedSbom, jobTarget]) });
/** The part `scan` of a multipart submission; the part `sbom` is the document itself. */
export const multipartSubmission = scanSettings.extend({ format: z.string().max(64).optional() });

export const scanAccepted = z.object({ id, state: z.enum(JOB_STATES) });

export const scanView = z.object({
  id,
  name,
  state: z.enum(JOB_STATES),
  created_at: time,
  ended_at: time.optional(),
  job_id: id,
  snapshot_id: z.string().optional(),
  counts: z.record(z.string(), z.number()).optional(),
  progress: z.object({ done: z.number(), total: z.number(), stage: z.string() }).optional(),
  error: jobError.optional(),
  /** When advisories that came later were last found to change it; `snapshot_id` and `counts` are of then. */
  judged_at: time.optional(),
});
/** What became of a stored scan by later advisories. */
export const judgementView = z.object({
  number: z.number().int(),
  snapshot_id: z.string(),
  judged_at: time,
  counts: z.record(z.string(), z.number()),
  changes: z.array(
    z.object({
      kind: z.enum(['added', 'gone', 'changed']),
      cause: z.enum(['contents', 'knowledge', 'opinions']),
      vulnerability: z.string(),
      package: z.string(),
      version: z.string(),
      fields: z.array(z.string()).optional(),
    }),
  ),
});
export const judgementList = z.object({ judgements: z.array(judgementView) });
export const scanList = z.object({ scans: z.array(scanView), next: z.string().optional() });

export const updateSubmission = updateOptions;
export const updateAccepted = z.object({ jobs: z.array(id) });

export const tokenRequest = z.object({
  name,
  permission: z.enum(PERMISSIONS),
  /** Seconds from now; never without. */
  expires_in_seconds: z
    .number()
    .int()
    .min(1)
    .max(3650 * 86_400)
    .optional(),
});
export const tokenView = z.object({
  id,
  name,
  permission: z.enum(PERMISSIONS),
  created_at: time,
  expires_at: time.optional(),
  revoked_at: time.optional(),
  last_used_at: time.optional(),
  use_count: z.number().int(),
});
/** The secret is shown this once. */
export const tokenCreated = tokenView.extend({ token: z.string() });
export const tokenList = z.object({ tokens: z.array(tokenView) });

export type Permission = (typeof PERMISSIONS)[number];
export type ScanSubmission = z.infer<typeof scanSubmission>;
export type ScanView = z.infer<typeof scanView>;
export type TokenRequest = z.infer<typeof tokenRequest>;
export type TokenView = z.infer<typeof tokenView>;
