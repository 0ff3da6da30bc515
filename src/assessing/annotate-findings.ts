import { changeFinding, type Finding } from '../model/finding.ts';
import { decideStatus } from '../model/finding-status.ts';
import type { Annotations } from './annotations.ts';

/** The findings of a report with people's verdicts as they are now; one that the file does not speak of keeps the verdict that it has. */
export function annotateFindings(findings: readonly Finding[], annotations: Annotations): readonly Finding[] {
  return findings.map((finding) => {
    const { id, aliases } = finding.vulnerability;
    const annotation = annotations.find([id, ...aliases]);
    if (!annotation) return finding;
    const automaticStatus = finding.automaticStatus ?? finding.status;
    const { status } = decideStatus(automaticStatus, { annotation });
    return changeFinding(finding, { annotation, automaticStatus, status });
  });
}
