import { isOfOsv } from '../feeds/osv-ecosystems.ts';
import type { AdvisorySource } from '../matching/advisory-source.ts';
import { ScannerError } from '../model/errors.ts';
import type { Vulnerability } from '../model/vulnerability.ts';

/** Who may say that a package is affected: `nvd` by CPE, `osv` of language packages, and `distribution`, every publisher of its own packages. */
export const DETECTION_SOURCES = ['distribution', 'nvd', 'osv'] as const;
/** Whose words on a flaw itself are shown. Publishers that are none of these are always heard. */
export const CONSOLIDATION_SOURCES = ['nvd', 'osv', 'uct', 'epss', 'cisa_kev'] as const;

export type DetectionSource = (typeof DETECTION_SOURCES)[number];
export type ConsolidationSource = (typeof CONSOLIDATION_SOURCES)[number];

/** Which sources a scan uses. */
export interface SourceChoice {
  readonly detection: ReadonlySet<DetectionSource>;
  readonly consolidation: ReadonlySet<ConsolidationSource>;
  /** The sources that the user named: what is missing of them is said, though this target may not need them. */
  readonly named: ReadonlySet<string>;
}

/** All of them. */
export const ALL_SOURCES: SourceChoice = {
  detection: new Set(DETECTION_SOURCES),
  consolidation: new Set(CONSOLIDATION_SOURCES),
  named: new Set(),
};

/**
 * Reads `--detection` and `--consolidation`, each names with commas between them; absent: all sources.
 *
 * Naming NVD or OSV for detection adds the distributions, so that their packages are judged by their own data; `!distribution` leaves
 * them out.
 *
 * @throws ScannerError `usage.invalid`.
 */
export function readSourceChoice(detection: string | undefined, consolidation: string | undefined): SourceChoice {
  const detecting = detection === undefined ? undefined : wordsOf(detection);
  const isWithout = detecting?.delete('!distribution') ?? false;
  const chosen = detecting && chosenOf('--detection', detecting, DETECTION_SOURCES);
  if (chosen && !isWithout) chosen.add('distribution');
  if (chosen && isWithout && chosen.has('distribution'))
    throw new ScannerError('usage.invalid', '--detection names both distribution and !distribution');
  const consolidating =
    consolidation === undefined
      ? undefined
      : chosenOf('--consolidation', wordsOf(consolidation), CONSOLIDATION_SOURCES);
  return {
    detection: chosen?.size === 0 ? without('distribution') : (chosen ?? ALL_SOURCES.detection),
    consolidation: consolidating ?? ALL_SOURCES.consolidation,
    named: new Set([...(detecting ?? []), ...(consolidating ?? [])]),
  };
}

function wordsOf(text: string): Set<string> {
  const words = text.split(',').map((word) => word.trim());
  return new Set(words.filter((word) => word !== ''));
}

function chosenOf<Name extends string>(option: string, words: ReadonlySet<string>, names: readonly Name[]): Set<Name> {
  const unknown = [...words].find((word) => !(names as readonly string[]).includes(word));
  if (unknown !== undefined) {
    const more = option === '--detection' ? ', !distribution' : '';
    throw new ScannerError('usage.invalid', `${option} ${unknown}: it is one of ${names.join(', ')}${more}`);
  }
  return new Set(names.filter((name) => words.has(name)));
}

/** `!distribution` alone: all the others. */
function without(left: DetectionSource): ReadonlySet<DetectionSource> {
  return new Set(DETECTION_SOURCES.filter((name) => name !== left));
}

/** A database that says of packages what the chosen sources say. */
export function detectBy(source: AdvisorySource, { detection }: SourceChoice): AdvisorySource {
  if (DETECTION_SOURCES.every((name) => detection.has(name))) return source;
  // What OSV has of a distribution (AlmaLinux, Rocky Linux) is the distribution's own.
  const isChosen = (name: string, namespace: string): boolean =>
    detection.has(name === 'osv' && isOfOsv(namespace) ? 'osv' : 'distribution');
  return {
    advisories: (namespace, packageName) =>
      source.advisories(namespace, packageName).filter((advisory) => isChosen(advisory.source, namespace)),
    coverage: (namespace) => source.coverage(namespace).filter((covering) => isChosen(covering.source, namespace)),
    vulnerability: (id) => source.vulnerability(id),
    canonicalIds: (id) => source.canonicalIds(id),
    knows: (namespace) => source.knows(namespace),
    cpeCandidates: (vendor, product) => (detection.has('nvd') ? source.cpeCandidates(vendor, product) : []),
    hasProducts: detection.has('nvd') && source.hasProducts,
  };
}

/** What the chosen sources say of a flaw itself. */
export function describeBy(vulnerability: Vulnerability, { consolidation }: SourceChoice): Vulnerability {
  if (CONSOLIDATION_SOURCES.every((name) => consolidation.has(name))) return vulnerability;
  const { id, aliases, records, epss, kev } = vulnerability;
  const isChosen = (name: string): boolean =>
    !(CONSOLIDATION_SOURCES as readonly string[]).includes(name) || consolidation.has(name as ConsolidationSource);
  return {
    ...{ id, aliases },
    records: records.filter((record) => isChosen(record.source)),
    ...(epss && isChosen('epss') && { epss }),
    ...(kev && isChosen('cisa_kev') && { kev }),
  };
}
