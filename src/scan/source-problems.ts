import { commitOfPurl } from '../documents/commit-of-purl.ts';
import { LANGUAGE_NAMESPACES } from '../feeds/osv-ecosystems.ts';
import type { Package } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';
import type { SnapshotIdentity } from '../model/snapshot.ts';
import { kernelPackages } from './kernel-packages.ts';
import type { SourceChoice } from './source-choice.ts';
import { staleSources } from './staleness.ts';

/** What is known of a scan's sources. */
export interface SourceQuestion {
  readonly packages: readonly Package[];
  readonly choice: SourceChoice;
  readonly now: Date;
  /** Older sources are stale; absent: none is. */
  readonly maxAgeMs?: number;
}

/**
 * What a reader of the report must know of its sources: those that were chosen, would say something of these packages and are not in
 * the database; and those that were read too long ago.
 */
export function sourceProblems(
  source: SnapshotIdentity,
  { packages, choice, now, maxAgeMs }: SourceQuestion,
): readonly Problem[] {
  const held = new Set(source.sources.map(({ name }) => name));
  const stale = maxAgeMs === undefined ? [] : staleSources(source, now, maxAgeMs);
  const missing = [...missingSources(held, packages, choice)].sort();
  return [
    ...(missing.length > 0 ? [missingProblem(missing)] : []),
    ...stale.map(({ name, updatedAt }) => ({
      code: 'source.stale',
      message: `${name} was last read on ${updatedAt.slice(0, 10)}`,
    })),
  ];
}

function missingProblem(names: readonly string[]): Problem {
  const command = `cvescan datasources-update ${names.join(' ')}`;
  return {
    code: 'source.missing',
    message: `the advisory database holds nothing of ${names.join(', ')}; ${command} reads what is missing`,
  };
}

function missingSources(
  held: ReadonlySet<string>,
  packages: readonly Package[],
  { detection, consolidation, named }: SourceChoice,
): ReadonlySet<string> {
  const missing = new Set<string>([...named].filter((name) => name !== 'distribution'));
  if (packages.length > 0) {
    for (const name of ['nvd', 'epss', 'cisa_kev'] as const) if (consolidation.has(name)) missing.add(name);
  }
  const asks = (predicate: (installed: Package) => boolean): boolean =>
    packages.some((installed) => installed.filtered === undefined && predicate(installed));
  if (detection.has('nvd') && asks(({ cpes }) => (cpes?.length ?? 0) > 0)) missing.add('nvd');
  if (detection.has('osv') && asks(isAskedOfOsv)) missing.add('osv');
  if (detection.has('nvd') && kernelPackages(packages).some(({ isOfDistribution }) => !isOfDistribution)) {
    missing.add('linux_cna');
  }
  return missing.difference(held);
}

/** Language packages, and whatever names its commit. */
function isAskedOfOsv({ namespace, purl }: Package): boolean {
  if (namespace !== undefined && LANGUAGE_NAMESPACES.has(namespace)) return true;
  return purl !== undefined && commitOfPurl(purl) !== undefined;
}
