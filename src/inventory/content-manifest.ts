import type { ReportProblem } from '../model/problem.ts';

/** Red Hat's word for a repository within a release, and the part and edition of its CPE. */
const EDITIONS: Readonly<Record<string, string>> = {
  baseos: 'o',
  appstream: 'a',
  'codeready-builder': 'a',
  highavailability: 'a',
  resilientstorage: 'a',
  supplementary: 'a',
  nfv: 'a',
  rt: 'a',
};

/**
 * CPEs of the repositories that a Red Hat image was built from.
 *
 * A content manifest lists the names of content sets, such as `rhel-9-for-x86_64-appstream-rpms`; names of the repositories of
 * RHEL 8 and later follow one pattern, from which the CPE is made.
 * Source: https://www.redhat.com/en/blog/container-content-manifests and the `repository-to-cpe.json` of Red Hat's security data.
 *
 * @param text a file of `root/buildinfo/content_manifests/`.
 * @returns undefined when one of the repositories is not known: the rest would hide advisories that concern it.
 */
export function repositoryCpesOf(text: string, path: string, problem: ReportProblem): readonly string[] | undefined {
  const contentSets = readContentSets(text);
  if (!contentSets) {
    problem({
      code: 'detector.malformed-file',
      message: 'no content manifest: a list "content_sets" is missing',
      path,
    });
    return undefined;
  }
  const cpes = contentSets.filter((name) => !/-(debug|source)-rpms(__|$)/.test(name)).map(cpeOfContentSet);
  return cpes.every((cpe) => cpe !== undefined) ? cpes : undefined;
}

function readContentSets(text: string): readonly string[] | undefined {
  try {
    const manifest: unknown = JSON.parse(text);
    const names = (manifest as { content_sets?: unknown } | null)?.content_sets;
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : undefined;
  } catch {
    return undefined;
  }
}

function cpeOfContentSet(name: string): string | undefined {
  const { release, edition, stream, minor } =
    /^(?:rhel|ubi)-(?<release>\d+)-for-[a-z0-9_]+-(?<edition>[a-z-]+?)(?:-(?<stream>eus|aus|tus|e4s))?-rpms(?:__(?<minor>\d+_DOT_\d+))?$/.exec(
      name.replace(/^codeready-builder-for-rhel-(\d+)-([a-z0-9_]+)-/, 'rhel-$1-for-$2-codeready-builder-'),
    )?.groups ?? {};
  if (!release || !edition || !Object.hasOwn(EDITIONS, edition)) return undefined;
  const short = edition === 'codeready-builder' ? 'crb' : edition;
  if (!stream) return `cpe:/${EDITIONS[edition]}:redhat:enterprise_linux:${release}::${short}`;
  return minor && `cpe:/${EDITIONS[edition]}:redhat:rhel_${stream}:${minor.replace('_DOT_', '.')}::${short}`;
}
