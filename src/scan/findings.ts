import { fingerprintOf, identityText, issueKeyOf } from '../matching/fingerprint.ts';
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
  const copies = new Copies();
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
    const { proof, packageId, vulnerabilityId, status, fixState, fixedVersions, confidence, advisory } = match;
    const flaw = flawOf(vulnerabilityId);
    const severity = match.severity ?? wordOfRecord(advisory, flaw) ?? flaw.byCvss;
    const introducedBy = introducedByOf(match, layersByDigest);
    const finding = Object.assign(new Identified(proof, flaw.named, copies.next(match)), {
      ...{ packageId, status, fixState, fixedVersions },
      severity: severity ?? { word: 'unknown', source: advisory.source },
    } as const);
    if (confidence) Object.assign(finding, { confidence });
    return introducedBy ? Object.assign(finding, { introducedBy }) : finding;
  });
}

/** The fingerprints of a finding, calculated when they are asked for: name them, do not spread the object. */
class Identified implements Pick<Finding, 'proof' | 'vulnerability' | 'fingerprint' | 'issueKey'> {
  readonly proof: Finding['proof'];
  readonly vulnerability: Finding['vulnerability'];
  readonly copy: number;

  constructor(proof: Finding['proof'], vulnerability: Finding['vulnerability'], copy: number) {
    this.proof = proof;
    this.vulnerability = vulnerability;
    this.copy = copy;
  }

  get fingerprint(): string {
    return fingerprintOf({ ...this.proof.package, vulnerabilityId: this.vulnerability.id }, this.copy);
  }

  get issueKey(): string {
    return issueKeyOf({ ...this.proof.package, vulnerabilityId: this.vulnerability.id }, this.copy);
  }
}

/** Two packages may be alike in all that a fingerprint looks at (a document that lists one twice): the second is numbered. */
class Copies {
  readonly #counts = new Map<string, number>();
  #last: { readonly of: Match['proof']['package']; readonly text: string } | undefined;

  /** The number of a match among its like, from 1. */
  next({ vulnerabilityId, proof: { package: of } }: Match): number {
    // Matches of one package follow each other.
    if (this.#last?.of !== of) this.#last = { of, text: identityText(of) };
    const key = `${vulnerabilityId}\n${this.#last.text}`;
    const copy = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, copy);
    return copy;
  }
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

function introducedByOf({ proof }: Match, layers: ReadonlyMap<string, InventoryLayer>): Finding['introducedBy'] {
  const digest = proof.package.locations[0]?.layer;
  const layer = digest === undefined ? undefined : layers.get(digest);
  if (!layer) return undefined;
  const { index, createdBy } = layer;
  return { layer: layer.digest, index, ...(createdBy !== undefined && { createdBy }) };
}
