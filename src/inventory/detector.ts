import type { ReportProblem } from '../model/problem.ts';

/** What a detector knows of an image's release. */
export interface DetectedNamespace {
  /** e.g. `debian:12`. */
  readonly namespace: string;
  /** CPEs of the repositories that a Red Hat image was built from, where the image says so. */
  readonly repositoryCpes?: readonly string[];
}

/** What a detector is asked with. */
export interface DetectorContext {
  /** Text of a namespace file of the image, by path, through symlinks; undefined when there is none. Only what `wants` names is there. */
  readonly text: (path: string) => string | undefined;
  /** Paths of the image's namespace files below a prefix that `wants` names, sorted. */
  readonly pathsBelow: (prefix: string) => readonly string[];
  readonly problem: ReportProblem;
}

/** Tells from an image's own files which release it is. Asked in the order of the registry; the first answer counts. */
export interface NamespaceDetector {
  readonly name: string;
  /** Raised when its answers change: cached layers are then read again. */
  readonly version: number;
  /** Exact paths, no leading `/`; one that ends in `/` means all files directly in that directory. */
  readonly wants: readonly string[];
  detect(context: DetectorContext): DetectedNamespace | undefined;
}
