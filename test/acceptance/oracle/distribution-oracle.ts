import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { orderApk, orderDpkg } from './version-order.ts';

/**
 * A second reading of what Debian, Ubuntu and Alpine say of an image, to check the program's against: straight from the publishers'
 * files over a list of packages, whole files at once, nothing shared with `src`.
 */

/** A package of an expected list. */
export interface ExpectedPackage {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly sourceVersion: string;
}

/** `<vulnerability> <source package>` of all that is affected or not decided yet, sorted. */
export type Concerns = readonly string[];

/** The tracker's JSON. `release` is a codename, e.g. `bookworm`. */
export function debianConcerns(mirror: string, release: string, packages: readonly ExpectedPackage[]): Concerns {
  interface Statement {
    readonly status: string;
    readonly fixed_version?: string;
  }
  const file = join(mirror, 'security-tracker.debian.org/tracker/data/json');
  const tracker = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    Record<string, { releases: Record<string, Statement> }>
  >;
  return collect(packages, ({ source, sourceVersion }) =>
    Object.entries(tracker[source] ?? {})
      .filter(([, { releases }]) => {
        const statement = releases[release];
        if (!statement) return false;
        if (statement.status !== 'resolved') return true;
        return statement.fixed_version !== '0' && isBelow(orderDpkg, sourceVersion, statement.fixed_version);
      })
      .map(([id]) => id),
  );
}

/** The lines of a release in all files of the tracker, as `git grep` finds them. `release` is a codename, e.g. `jammy`. */
export function ubuntuConcerns(mirror: string, release: string, packages: readonly ExpectedPackage[]): Concerns {
  const repository = join(mirror, 'git.launchpad.net/ubuntu-cve-tracker');
  const args = [
    '-c',
    'safe.directory=*',
    '--git-dir',
    repository,
    'grep',
    '-E',
    `^${release}_`,
    'HEAD',
    '--',
    'active',
    'retired',
  ];
  const { stdout, status } = spawnSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  // 1 says that no file has such a line.
  if (status !== 0 && status !== 1) throw new Error(`git grep ended with ${status}`);
  const lines = stdout.split('\n');
  const linesBySource = Map.groupBy(lines, (line) => /^[^:]*:[^:]*:[^_]*_([^: ]+)/.exec(line)?.[1] ?? '');
  return collect(packages, ({ source, sourceVersion }) =>
    (linesBySource.get(source) ?? []).flatMap((line) => {
      const [, id = '', status, detail] = /\/(\S+?):[^:]+:\s*([a-zA-Z-]+)\s*\(?\(?\s*(.*?)\s*\)?\s*$/.exec(line) ?? [];
      if (status === 'DNE' || status === 'not-affected') return [];
      if (status !== 'released') return [id];
      return detail!.split(/,\s*/).some((fixed) => isBelow(orderDpkg, sourceVersion, fixed)) ? [id] : [];
    }),
  );
}

/** The files of a branch, e.g. `v3.20`. */
export function alpineConcerns(mirror: string, branch: string, packages: readonly ExpectedPackage[]): Concerns {
  interface SecDb {
    readonly packages: readonly {
      readonly pkg: { readonly name: string; readonly secfixes: Record<string, readonly string[]> };
    }[];
  }
  const files = ['main', 'community'].map((name) => join(mirror, 'secdb.alpinelinux.org', branch, `${name}.json`));
  const listed = files
    .filter((file) => existsSync(file))
    .flatMap((file) => (JSON.parse(readFileSync(file, 'utf8')) as SecDb).packages);
  return collect(packages, ({ source, sourceVersion }) =>
    listed
      .filter(({ pkg }) => pkg.name === source)
      .flatMap(({ pkg }) => Object.entries(pkg.secfixes))
      .filter(([fixed]) => fixed !== '0' && isBelow(orderApk, sourceVersion, fixed))
      .flatMap(([, entries]) =>
        entries.flatMap((entry) => entry.split(/\s+/)).filter((word) => /^[A-Z]+-.*\d/.test(word)),
      )
      .map((id) => /^CVE-\d+-\d+/.exec(id)?.[0] ?? id),
  );
}

/** What cannot be compared is not decided, so it counts. */
function isBelow(
  order: (a: string, b: string) => number | undefined,
  version: string,
  fixed: string | undefined,
): boolean {
  return fixed === undefined || fixed === '' || (order(version, fixed) ?? -1) < 0;
}

function collect(packages: readonly ExpectedPackage[], idsOf: (one: ExpectedPackage) => readonly string[]): Concerns {
  return [...new Set(packages.flatMap((one) => idsOf(one).map((id) => `${id} ${one.source}`)))].sort();
}
