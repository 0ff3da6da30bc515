import type { Generated } from 'kysely';

/** What users say of vulnerabilities through the API. It wins over feeds. Made by migration 0003. */
export interface VulnerabilityTables {
  readonly own_vulnerability: {
    /** Rises with each write: a changed row is listed at the end. */
    readonly revision: Generated<number>;
    /** As the v1 wire writes it: `centos:7`. */
    readonly namespace: string;
    readonly name: string;
    /** 1: the row says that there is no such vulnerability, whatever feeds say. */
    readonly is_tombstone: number;
    /** As JSON: the vulnerability in Clair's shape, FixedIn included. */
    readonly body: string;
  };
  /** The FixedIn of own rows, by what packages are called. */
  readonly own_fixed_in: {
    readonly revision: number;
    readonly namespace: string;
    readonly feature: string;
    /** `#MAXV#`: no fix is known. */
    readonly version: string;
  };
  /** One row: counts the writes, as part of what cached answers depend on. */
  readonly own_sequence: { readonly id: Generated<number>; sequence: number };
}
