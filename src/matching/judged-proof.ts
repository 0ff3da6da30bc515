import type { Proof, ProofAdvisory, ProofIdentity, Voice } from '../model/match.ts';
import type { Package } from '../model/package.ts';
import type { Status } from '../model/status.ts';
import type { Heard } from './hear.ts';

/** A statement on a package, and what it comes to. */
export type Judged = Heard & { readonly status: Status };

/**
 * The proof of a match, written when it is asked for: it is the larger part of a finding, and most reports show none of it. Name its
 * members, do not spread it.
 */
export class JudgedProof implements Proof {
  readonly package: Proof['package'];
  readonly #decisive: Judged;
  readonly #others: readonly Judged[];

  /** @param others what else is said, in the order of its weight. */
  constructor(of: Proof['package'], decisive: Judged, others: readonly Judged[]) {
    this.package = of;
    this.#decisive = decisive;
    this.#others = others;
  }

  get identity(): ProofIdentity {
    return identityOf(this.#decisive);
  }

  get advisory(): ProofAdvisory {
    return advisoryOf(this.#decisive);
  }

  get comparison(): Proof['comparison'] {
    return this.#decisive.comparison;
  }

  get others(): readonly Voice[] | undefined {
    return this.#others.length > 0 ? this.#others.map(voiceOf) : undefined;
  }

  /** The keys in the order in which they are written. */
  toJSON(): Proof {
    const { package: of, identity, advisory, comparison, others } = this;
    return { package: of, identity, advisory, comparison, others };
  }
}

function voiceOf(one: Judged): Voice {
  const { status, comparison } = one;
  return { identity: identityOf(one), advisory: advisoryOf(one), status, comparison };
}

function identityOf({ identity }: Judged): ProofIdentity {
  const { by, name, version, confidence, doubt, targetSoftware } = identity;
  if (confidence === undefined) return { by, name, version };
  return {
    ...{ by, name, version, confidence },
    ...(doubt !== undefined && { doubt }),
    ...(targetSoftware !== undefined && { targetSoftware }),
  };
}

function advisoryOf({ advisory, product }: Judged): ProofAdvisory {
  const { source, advisoryId, vulnerabilityId, part, revision, status, fixState, affected } = advisory;
  const { versions, qualifiers, note, link } = advisory;
  return {
    ...{ source, advisoryId, vulnerabilityId, part, revision, status, fixState, affected },
    ...(versions && { versions }),
    ...(qualifiers && { qualifiers }),
    ...(product && { product }),
    ...(note !== undefined && { note }),
    ...(link !== undefined && { link }),
  };
}

/** What a proof says of a package: all that its name, version and place follow from. */
export function proofPackageOf(installed: Package): Proof['package'] {
  const { name, version, versionScheme, namespace = '', source, arch, module, locations } = installed;
  return {
    ...{ name, version, versionScheme, namespace },
    ...(source && { source }),
    ...(arch !== undefined && { arch }),
    ...(module !== undefined && { module }),
    locations,
  };
}
