import { ANY, textOfWord } from '../../documents/cpe.ts';
import type { StoredAdvisory } from '../../model/advisory.ts';
import { type Confidence, compareConfidence } from '../../model/confidence.ts';
import type { Package } from '../../model/package.ts';
import type { AdvisorySource, CpeCandidate } from '../advisory-source.ts';
import type { Heard } from '../hear.ts';
import { judgeConfigurations, type ProductVerdict } from './judge-configurations.ts';
import { guessedCpe, type PackageCpe, statedCpes } from './package-cpe.ts';
import { Surroundings } from './surroundings.ts';

/** What is said of a package by its CPEs. */
export interface ProductHearing {
  readonly heard: readonly Heard[];
  /** Whether the inventory names a CPE of it, with a version that can be compared: then silence means that it is clean. */
  readonly isAssessed: boolean;
  /** Why the CPEs that it names say nothing; absent where it names none. */
  readonly gap?: string;
}

/** Of a package that no CPE speaks of. */
export const NO_PRODUCT: ProductHearing = { heard: [], isAssessed: false };

/** Asks the database what is said of products. Packages of one CPE share the answers. */
export class ProductHearings {
  readonly #source: AdvisorySource;
  readonly #minConfidence: Confidence;
  readonly #surroundings: Surroundings;
  readonly #known = new Map<string, readonly Heard[]>();

  /** @param packages of the whole inventory. @param minConfidence below which nothing need be found. */
  constructor(source: AdvisorySource, packages: readonly Package[], minConfidence: Confidence) {
    this.#source = source;
    this.#minConfidence = minConfidence;
    this.#surroundings = new Surroundings(packages);
  }

  /** What is said of a package by the CPEs that the inventory names; where it names none, by a guessed one if that is asked for. */
  of(installed: Package): ProductHearing {
    const { cpes: written = [] } = installed;
    if (!this.#source.hasProducts)
      return written.length > 0 ? { ...NO_PRODUCT, gap: 'no source speaks of its CPE' } : NO_PRODUCT;
    const stated = statedCpes(installed);
    const guessed = stated.length === 0 && this.#minConfidence === 'guessed' ? guessedCpe(installed) : undefined;
    const heard = (guessed ? [guessed] : stated).flatMap((cpe) => this.#under(cpe));
    if (stated.some(({ version }) => version.parsed !== undefined)) return { heard, isAssessed: true };
    if (written.length === 0) return { heard, isAssessed: false };
    const gap = stated.length > 0 ? 'its CPE has no version that can be compared' : 'its CPE names no product';
    return { heard, isAssessed: false, gap };
  }

  #under(cpe: PackageCpe): readonly Heard[] {
    const key = [cpe.text, cpe.version.text, cpe.targetSoftware].join('\n');
    const known = this.#known.get(key);
    if (known) return known;
    const heard = this.#candidates(cpe).flatMap((candidate) => {
      const verdict = judgeConfigurations(candidate.configurations, cpe, this.#surroundings);
      return verdict && compareConfidence(verdict.confidence, this.#minConfidence) <= 0
        ? [heardOf(cpe, candidate, verdict)]
        : [];
    });
    this.#known.set(key, heard);
    return heard;
  }

  #candidates({ name }: PackageCpe): readonly CpeCandidate[] {
    const isAnyVendor = name.vendor === ANY || compareConfidence(this.#minConfidence, 'product') >= 0;
    return this.#source.cpeCandidates(isAnyVendor ? undefined : name.vendor, name.product);
  }
}

function heardOf(cpe: PackageCpe, candidate: CpeCandidate, verdict: ProductVerdict): Heard {
  const { comparison, confidence, doubt, product } = verdict;
  return {
    identity: {
      kind: 'binary',
      by: 'cpe',
      name: cpe.text,
      version: cpe.version.text,
      confidence,
      ...(doubt !== undefined && { doubt }),
      ...(cpe.targetSoftware !== undefined && { targetSoftware: cpe.targetSoftware }),
    },
    advisory: advisoryOf(candidate, verdict),
    comparison,
    verdict: comparison.outcome === 'affected' ? 'affected' : 'cleared',
    product,
  };
}

/** A candidate in the form of a statement on a package, so that all statements are consolidated alike. */
function advisoryOf(candidate: CpeCandidate, { comparison: { range }, product }: ProductVerdict): StoredAdvisory {
  const { source, vulnerabilityId, part } = candidate;
  const [, , , vendor = '', name = ''] = product.criterion.criteria.split(':');
  return {
    source,
    advisoryId: vulnerabilityId,
    vulnerabilityId,
    namespace: '',
    packageName: `${textOfWord(vendor) ?? vendor}:${textOfWord(name) ?? name}`,
    packageKind: 'binary',
    status: 'affected',
    affected: range ? [range] : [],
    fixState: range?.fixed === undefined ? 'unknown' : 'fixed',
    ...(product.needs && !product.isDisproved && { note: noteOf(product.needs) }),
    part,
    get revision() {
      return candidate.revision;
    },
  };
}

function noteOf(needs: readonly string[]): string {
  return `only together with ${needs.join(' or ')}, which the inventory does not disprove`;
}
