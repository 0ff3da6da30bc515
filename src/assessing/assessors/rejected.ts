import type { Voice } from '../../model/match.ts';
import { isConcern } from '../../model/status.ts';
import type { VulnerabilityRecord } from '../../model/vulnerability.ts';
import { type Assessor, NO_ASSESSMENT, type Question } from '../assessor.ts';

/**
 * The vulnerability was taken back where it was published: NVD's `Rejected`, OSV's `withdrawn`. Who still names it as flawed repeats
 * what no longer stands, unless he names it by an id that was not taken back.
 */
export const rejectedAssessor: Assessor = {
  name: 'rejected',
  status: 'rejected',

  assess(question) {
    if (!question.records.some(isTakenBack)) return NO_ASSESSMENT;
    const withdrawn = question.records.filter(isTakenBack);
    const named = idsOfConcern(question);
    const decisive = withdrawn.filter(({ id }) => named.has(id));
    if ([...named].some((id) => !decisive.some((record) => record.id === id))) return NO_ASSESSMENT;
    return decisive.map((record) => ({
      status: 'rejected',
      source: record.source,
      detail: detailOf(record),
      evidence: { records: [`${record.source}: ${record.id}`] },
    }));
  },
};

/** Who may take back a CVE: what others withdraw is their copy of it. */
const CVE_AUTHORITIES: ReadonlySet<string> = new Set(['nvd', 'linux_cna']);

function isTakenBack({ id, source, withdrawn }: VulnerabilityRecord): boolean {
  return withdrawn !== undefined && (!id.startsWith('CVE-') || CVE_AUTHORITIES.has(source));
}

/** The ids under which advisories say that the version has, or may have, the flaw. */
function idsOfConcern({ finding: { status, proof } }: Question): ReadonlySet<string> {
  const voices: readonly Pick<Voice, 'status' | 'advisory'>[] = [
    { status, advisory: proof.advisory },
    ...(proof.others ?? []),
  ];
  const concerned = voices.filter((voice) => isConcern(voice.status));
  return new Set((concerned.length > 0 ? concerned : voices).map(({ advisory }) => advisory.vulnerabilityId));
}

function detailOf({ id, withdrawn, description }: VulnerabilityRecord): string {
  const when = withdrawn && /^\d{4}-\d{2}-\d{2}/.exec(withdrawn)?.[0];
  return `${id} was taken back${when ? ` on ${when}` : ''}${description ? `: ${description}` : ''}`;
}
