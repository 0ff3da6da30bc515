import type { ReportProblem } from '../model/problem.ts';
import type { DetectedNamespace, DetectorContext, NamespaceDetector } from './detector.ts';
import { detectors as allDetectors } from './detectors/registry.ts';

/**
 * Asks the detectors in their order; the first answer counts.
 *
 * @param texts the image's namespace files, by path.
 * @param problem a detector that breaks is a problem, and the next one is asked.
 */
export function detectNamespace(
  texts: ReadonlyMap<string, string>,
  problem: ReportProblem,
  detectors: readonly NamespaceDetector[] = allDetectors,
): DetectedNamespace | undefined {
  const context: DetectorContext = {
    text: (path) => texts.get(path),
    pathsBelow: (prefix) => [...texts.keys()].filter((path) => path.startsWith(prefix)).sort(),
    problem,
  };
  for (const detector of detectors) {
    try {
      const detected = detector.detect(context);
      if (detected) return detected;
    } catch (error) {
      problem({ code: 'detector.failed', message: `the detector ${detector.name} failed: ${String(error)}` });
    }
  }
  return undefined;
}
