/** How stored scans are kept up with the advisories. A scan without a judgement is what its runner reported. */
export interface JudgementTables {
  scan_judging: {
    scan_id: string;
    /** The snapshot by which it was judged last, though nothing changed. */
    snapshot_id: string;
    /** 1: a difference touches it. */
    is_due: number;
    judgement_count: number;
  };
  /** What judging a scan asked of the advisories: where an answer changes, the scan is judged again. */
  scan_question: { question: string; scan_id: string };
  scan_judgement: {
    scan_id: string;
    /** From 1; the highest is the one that counts. */
    number: number;
    snapshot_id: string;
    judged_at: number;
    /** JSON. */
    counts: string;
    /** JSON: what is new, gone and changed since the report before, and why. */
    changes: string;
  };
  /** The report of a judgement, gzip. */
  scan_judgement_chunk: { scan_id: string; number: number; chunk: number; bytes: Uint8Array };
}
