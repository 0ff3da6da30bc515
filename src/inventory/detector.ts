import type { ReportProblem } from '../model/problem.ts';

/** What a detector knows of an image's release. */
export interface DetectedNamespace {
  /** e.g. `debian:12`. */
  readonly namespace: string;
  /** purl namespace and distro facts where they differ from the family's name, e.g. `redhat`. */
  readonly repositoryCpes?: readonly string[];
}

export interface DetectorContext {
  /** Text of a namespace file of the image, by path; undefined when there is none. Only the paths in `wants` are there. */
  readonly text: (path: string) => string | undefined;
  readonly problem: ReportProblem;
}

/** Tells from an image's own files which release it is. Asked in the order of the registry; the first answer counts. */
export interface NamespaceDetector {
  readonly name: string;
  /** Raised when its answers change: cached layers are then read again. */
  readonly version: number;
  /** Exact paths, no leading `/`. */
  readonly wants: readonly string[];
  detect(context: DetectorContext): DetectedNamespace | undefined;
}
