import type { KernelVerdict, StageVerdict } from '../../model/kernel-verdict.ts';
import { jsonPieces } from '../json-pieces.ts';
import type { KernelReport } from './kernel-report.ts';

/** Raised in its first number when a reader of the former shape could no longer read the new one. */
const KERNEL_REPORT_SCHEMA_VERSION = '1.0';

/** The answer as JSON, a verdict a line: docs/reference/kernel-report.schema.json. */
export function writeKernelJson({ snapshot, kernel, funnel, stages, verdicts }: KernelReport): Iterable<string> {
  return jsonPieces({
    schemaVersion: KERNEL_REPORT_SCHEMA_VERSION,
    snapshot: { id: snapshot.id },
    kernel,
    funnel,
    stages: stages.map(({ stage, isUsed, detail }) => ({ stage, used: isUsed, detail })),
    verdicts: verdicts.values().map(statedVerdict),
  });
}

function statedVerdict({ id, title, status, justification, decidedBy, available, evidence }: KernelVerdict) {
  return {
    id,
    title: title || undefined,
    status,
    justification,
    decidedBy,
    available,
    evidence: evidence.map(statedEvidence),
  };
}

function statedEvidence({ stage, verdict, justification, confidence, reason, evidence }: StageVerdict) {
  return { stage, verdict, justification, confidence, reason, ...evidence };
}
