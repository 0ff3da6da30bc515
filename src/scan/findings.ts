import { fingerprintOf, issueKeyOf } from '../matching/fingerprint.ts';
import type { Matching } from '../matching/match-packages.ts';
import { type RatedSeverity, severityOfCvss, wordOfRecord } from '../matching/severity.ts';
import type { Finding } from '../model/finding.ts';
import type { InventoryLayer } from '../model/inventory.ts';
import type { Match } from '../model/match.ts';
import type { ReportedVulnerability } from '../model/scan-report.ts';
import { compareSeverity, SEVERITIES, type Severity } from '../model/severity.ts';
import type { VulnerabilityRecord } from '../model/vulnerability.ts';
import { reportVulnerability } from './report-vulnerability.ts';

/** Matches as findings: rated, with their fingerprints, and with the layer that brought the package. In the order of the matches. */
export function findingsOf({ matches, vulnerabilities }: Matching, layers: readonly InventoryLayer[]): Finding[] {
  const copies = new Map<string, number>();
  const layersByDigest = new Map(layers.toReversed().map((layer) => [layer.digest, layer]));
  const flaws = new Map<string, Flaw>();
  const flawOf = (id: string): Flaw => {
    const known = flaws.get(id);
    if (known) return known;
    const { aliases, records } = vulnerabilities.get(id) ?? { aliases: [], records: [] };
    const flaw = { named: { id, aliases }, records, byCvss: severityOfCvss({ records }) };
    flaws.set(id, flaw);
    return flaw;
  };

  return matches.map((match) => {
    const { proof, packageId, status, fixState, fixedVersions, confidence, advisory } = match;
    const flaw = flawOf(match.vulnerabilityId);
    const introducedBy = introducedByOf(match, layersByDigest);
    return {
      ...identify(match, copies),
      vulnerability: flaw.named,
      packageId,
      severity: match.severity ??
        wordOfRecord(advisory, flaw) ??
        flaw.byCvss ?? { word: 'unknown', source: advisory.source },
      ...{ status, fixState, fixedVersions },
      ...(confidence && { confidence }),
      ...(introducedBy && { introducedBy }),
      proof,
    };
  });
}

/** A vulnerability as its findings share it. */
interface Flaw {
  readonly named: Finding['vulnerability'];
  readonly records: readonly VulnerabilityRecord[];
  readonly byCvss: RatedSeverity | undefined;
}

/** The vulnerabilities that findings name, once each, sorted by id. */
export function vulnerabilitiesOf(
  findings: readonly Finding[],
  { vulnerabilities }: Matching,
): ReportedVulnerability[] {
  const severities = new Map<string, Severity>();
  for (const { vulnerability, severity } of findings) {
    const highest = severities.get(vulnerability.id) ?? SEVERITIES[0];
    severities.set(vulnerability.id, compareSeverity(severity.word, highest) > 0 ? severity.word : highest);
  }
  return [...severities]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, severity]) =>
      reportVulnerability(vulnerabilities.get(id) ?? { id, aliases: [], records: [] }, severity),
    );
}

/** Two packages may be alike in all that a fingerprint looks at (a document that lists one twice): the second is numbered. */
function identify(
  { vulnerabilityId, proof }: Match,
  copies: Map<string, number>,
): Pick<Finding, 'fingerprint' | 'issueKey'> {
  const identity = { ...proof.package, vulnerabilityId };
  const first = fingerprintOf(identity);
  const copy = (copies.get(first) ?? 0) + 1;
  copies.set(first, copy);
  return { fingerprint: copy > 1 ? fingerprintOf(identity, copy) : first, issueKey: issueKeyOf(identity, copy) };
}

function introducedByOf({ proof }: Match, layers: ReadonlyMap<string, InventoryLayer>): Finding['introducedBy'] {
  const digest = proof.package.locations[0]?.layer;
  const layer = digest === undefined ? undefined : layers.get(digest);
  if (!layer) return undefined;
  const { index, createdBy } = layer;
  return { layer: layer.digest, index, ...(createdBy !== undefined && { createdBy }) };
}
