/** One CPE with its version bounds, as NVD's match criteria. */
export interface CpeCriteria {
  /** Formatted string, `cpe:2.3:…`. */
  readonly criteria: string;
  readonly vulnerable: boolean;
  readonly versionStartIncluding?: string;
  readonly versionStartExcluding?: string;
  readonly versionEndIncluding?: string;
  readonly versionEndExcluding?: string;
}

export interface CpeNode {
  readonly operator: 'AND' | 'OR';
  readonly negate: boolean;
  readonly criteria: readonly CpeCriteria[];
}

/** A vulnerability concerns what makes this true; "running on" is an AND of two nodes. */
export interface CpeConfiguration {
  readonly operator: 'AND' | 'OR';
  readonly negate: boolean;
  readonly nodes: readonly CpeNode[];
}
