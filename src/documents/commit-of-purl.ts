import { GIT_NAMESPACE } from '../model/namespace.ts';
import { canonicalPackageName } from '../model/package-name.ts';
import { parsePurl } from './purl.ts';

/** A commit of a repository. */
export interface RepositoryCommit {
  /** Without scheme and `.git`, lower case: `github.com/openssl/openssl`. */
  readonly repository: string;
  /** Full id, lower case. */
  readonly commit: string;
}

const HOSTS: Readonly<Record<string, string>> = {
  bitbucket: 'bitbucket.org',
  github: 'github.com',
  gitlab: 'gitlab.com',
};

/**
 * The commit that a package was taken from, as its purl states it: `pkg:github/owner/repo@<commit>`, or the qualifier `vcs_url` in
 * SPDX's form (`git+https://host/owner/repo.git@<commit>`).
 *
 * @returns undefined where it states none, or an abbreviated one, which is none for sure.
 * Source: https://github.com/package-url/purl-spec (types, known qualifiers).
 */
export function commitOfPurl(text: string): RepositoryCommit | undefined {
  // Nearly all purls state none, and reading one costs more than all else that is asked of a package.
  if (!/[0-9a-f]{40}/i.test(text)) return undefined;
  const purl = parsePurl(text);
  if (!purl) return undefined;
  const { type, namespace, name, version = '', qualifiers } = purl;
  if (Object.hasOwn(HOSTS, type) && namespace !== undefined && isCommit(version))
    return commitOf(`${HOSTS[type]}/${namespace}/${name}`, version);
  const [, repository, commit] = /^(?:git\+)?([^#]+)@([0-9a-f]+)(?:#.*)?$/i.exec(qualifiers.vcs_url ?? '') ?? [];
  return repository !== undefined && commit !== undefined && isCommit(commit)
    ? commitOf(repository, commit)
    : undefined;
}

/** SHA-1, or SHA-256. */
const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text);

const commitOf = (url: string, commit: string): RepositoryCommit => ({
  repository: canonicalPackageName(GIT_NAMESPACE, url),
  commit: commit.toLowerCase(),
});
