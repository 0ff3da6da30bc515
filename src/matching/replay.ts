import type { Finding } from '../model/finding.ts';
import { decideStatus } from '../model/finding-status.ts';
import type { Proof, Voice } from '../model/match.ts';
import type { Status } from '../model/status.ts';
import { GIT_SCHEME } from '../versions/judge-commit.ts';
import { withoutNeeds } from './cpe/judge-configurations.ts';
import { judgeCriterion } from './cpe/judge-criterion.ts';
import { cpeOfIdentity } from './cpe/package-cpe.ts';
import { fingerprintOf, issueKeyOf } from './fingerprint.ts';
import { judgeAdvisory, statusOf } from './hear.ts';
import { identitiesOf } from './identities.ts';
import { readInstalled } from './installed-version.ts';

/** What judging a finding's proof once more came to. */
export interface Replay {
  /** The status that proof and verdicts come to; undefined when the proof says nothing of the version. */
  readonly status: Status | undefined;
  /** Sentences on what does not follow from the proof; empty when all does. */
  readonly differences: readonly string[];
}

/** How often packages of one report may be alike in all that a fingerprint looks at, and still be recognised. */
const MAX_COPIES = 1000;

/**
 * Judges a finding again from its proof alone, without the database: the identity must follow from the package, the comparison from
 * identity and advisory, the status and the fingerprint from both. Whatever was changed by hand is said.
 */
export function replay(
  finding: Pick<
    Finding,
    'proof' | 'status' | 'fingerprint' | 'issueKey' | 'vulnerability' | 'assessments' | 'vex' | 'annotation'
  >,
): Replay {
  const { proof, status } = finding;
  const again = judgeAgain(proof, proof);
  const others = (proof.others ?? []).flatMap((voice) => {
    const { status: other, differences } = judgeAgain(voice, proof);
    return [...differences, ...differs('the status of a further statement', voice.status, other)];
  });
  const decided = again.status && decideStatus(again.status, finding).status;
  return {
    status: decided,
    differences: [
      ...again.differences,
      ...differs('the status', status, decided),
      ...others,
      ...fingerprintDifferences(finding),
    ],
  };
}

function judgeAgain(
  { identity, advisory, comparison }: Pick<Voice, 'identity' | 'advisory' | 'comparison'>,
  proof: Proof,
): Replay {
  if (identity.by === 'cpe') return judgeProductAgain({ identity, advisory, comparison });
  const differences = identityDifferences(identity, proof);
  const scheme = identity.by === 'purl' ? GIT_SCHEME : proof.package.versionScheme;
  const said = judgeAdvisory(advisory, readInstalled(scheme, identity.version));
  if (!said) return { status: undefined, differences: [...differences, 'the advisory says nothing of this version'] };
  return {
    status: statusOf({ ...said, advisory }),
    differences: [
      ...differences,
      ...differs('the outcome of the comparison', comparison.outcome, said.comparison.outcome),
      ...differs('the reason of the comparison', comparison.reason, said.comparison.reason),
      ...differs('the version compared', comparison.version, said.comparison.version),
    ],
  };
}

/** A CPE is held against the criterion again; what else the configuration needs is a fact of the whole inventory, and taken as stated. */
function judgeProductAgain({
  identity,
  advisory,
  comparison,
}: Pick<Voice, 'identity' | 'advisory' | 'comparison'>): Replay {
  const cpe = cpeOfIdentity(identity);
  const { product } = advisory;
  const verdict = cpe && product && judgeCriterion(product.criterion, cpe);
  if (!verdict) return { status: undefined, differences: [`the criterion does not speak of ${identity.name}`] };
  const judged = product.isDisproved ? withoutNeeds(verdict, product) : verdict.comparison;
  const isAffected = judged.outcome === 'affected';
  const heard = { comparison: judged, advisory, verdict: isAffected ? 'affected' : 'cleared' } as const;
  return {
    status: statusOf(heard),
    differences: [
      ...differs('the outcome of the comparison', comparison.outcome, judged.outcome),
      ...differs('the reason of the comparison', comparison.reason, judged.reason),
      ...differs('the version compared', comparison.version, judged.version),
      ...differs('the confidence', identity.confidence ?? '', verdict.confidence),
      ...differs('the doubt', identity.doubt ?? '', verdict.doubt ?? ''),
    ],
  };
}

/** CPEs and purls are not derived from the package's name, so only names and versions of packages can be derived again. */
function identityDifferences({ by, name, version }: Proof['identity'], { package: installed }: Proof): string[] {
  if (by === 'cpe' || by === 'purl') return [];
  const derived = identitiesOf(installed);
  if (derived.some((identity) => identity.by === by && identity.name === name && identity.version === version))
    return [];
  return [`${by} ${name} ${version} does not follow from the package ${installed.name} ${installed.version}`];
}

function fingerprintDifferences({
  proof,
  vulnerability,
  fingerprint,
  issueKey,
}: Parameters<typeof replay>[0]): string[] {
  const identity = { ...proof.package, vulnerabilityId: vulnerability.id };
  for (let copy = 1; copy <= MAX_COPIES; copy++) {
    if (fingerprintOf(identity, copy) === fingerprint)
      return differs('the issueKey', issueKey, issueKeyOf(identity, copy));
  }
  return differs('the fingerprint', fingerprint, fingerprintOf(identity));
}

function differs(what: string, stated: string, replayed: string | undefined): string[] {
  return stated === replayed
    ? []
    : [`${what} is ${JSON.stringify(stated)} in the report, ${JSON.stringify(replayed)} by its proof`];
}
