/** For what a report is made: each absent where nobody says. */
export interface Scope {
  /** What runs across projects, e.g. an architecture. */
  readonly transversal?: string;
  readonly project?: string;
  readonly component?: string;
}
