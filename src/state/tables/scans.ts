import type { Generated } from 'kysely';

/** Scans, tokens and the audit log. */
export interface ScanTables {
  scan: { id: string; name: string; job_id: string; submitter: string; created_at: number };
  idempotency: { submitter: string; key: string; body_sha256: string; scan_id: string; created_at: number };
  token: TokenRow;
  audit: { id: Generated<number>; at: number; actor: string; action: string; subject: string };
}

export interface TokenRow {
  id: string;
  name: string;
  permission: 'runner' | 'create-scan' | 'admin';
  /** SHA-256 of the secret in hex. */
  hash: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
  use_count: number;
}
