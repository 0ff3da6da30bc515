/** A commit of a distribution that brings a mainline commit without naming it: known by its id, or by its subject. */
export interface KernelBackport {
  /** 40 hex digits; absent where the subject tells it. */
  readonly commit?: string;
  readonly subject?: string;
  /** Mainline commits that it stands for, or names of Ubuntu's own (`local-2009-4067`). */
  readonly upstream: readonly string[];
}
