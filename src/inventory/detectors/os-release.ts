import { namespaceOfCodename, namespaceOfRelease } from '../../model/distribution.ts';
import { repositoryCpesOf } from '../content-manifest.ts';
import type { DetectorContext, NamespaceDetector } from '../detector.ts';
import { readAssignments, suitesOfAptSources } from '../release-files.ts';

const APT_SOURCES = ['etc/apt/sources.list', 'etc/apt/sources.list.d/debian.sources'];
/** Of old, one JSON file beneath the home of root; since RHEL 9.5 one of a fixed name among others. */
const CONTENT_MANIFESTS = 'root/buildinfo/content_manifests/';
const CONTENT_SETS = 'usr/share/buildinfo/content-sets.json';

/**
 * Reads `ID` and `VERSION_ID` of os-release(5). `etc/os-release` wins over `usr/lib/os-release`.
 *
 * Debian states no `VERSION_ID` before a release is out, and testing and unstable then share one file: the code name says which
 * release is coming, and only apt's sources tell that it is unstable.
 * Source: https://www.freedesktop.org/software/systemd/man/latest/os-release.html.
 */
export const osReleaseDetector: NamespaceDetector = {
  name: 'os-release',
  version: 1,
  wants: ['etc/os-release', 'usr/lib/os-release', CONTENT_MANIFESTS, CONTENT_SETS, ...APT_SOURCES],

  detect(context) {
    for (const path of ['etc/os-release', 'usr/lib/os-release']) {
      const fields = readAssignments(context.text(path) ?? '');
      const id = fields.get('ID');
      if (!id) continue;
      const namespace = namespaceOfRelease(id, fields.get('VERSION_ID') ?? '') ?? namespaceByCodename(fields, context);
      if (!namespace) continue;
      const repositoryCpes = namespace.startsWith('rhel:') ? readContentManifests(context) : [];
      return { namespace, ...(repositoryCpes.length > 0 && { repositoryCpes }) };
    }
    return undefined;
  },
};

function namespaceByCodename(fields: ReadonlyMap<string, string>, { text }: DetectorContext): string | undefined {
  const id = fields.get('ID')?.toLowerCase();
  if (id !== 'debian' && id !== 'ubuntu') return undefined;
  const suites = APT_SOURCES.flatMap((path) => suitesOfAptSources(text(path) ?? ''));
  if (id === 'debian' && suites.some((suite) => namespaceOfCodename(suite) === 'debian:sid')) return 'debian:sid';
  // `PRETTY_NAME="Debian GNU/Linux trixie/sid"` where there is no `VERSION_CODENAME`.
  const codename = fields.get('VERSION_CODENAME') ?? /([a-z]+)\/sid/.exec(fields.get('PRETTY_NAME') ?? '')?.[1];
  const namespace = namespaceOfCodename(codename ?? '');
  return namespace?.startsWith(`${id}:`) ? namespace : undefined;
}

/** One manifest of which something is not known restricts nothing, whatever the others say. */
function readContentManifests({ pathsBelow, text, problem }: DetectorContext): readonly string[] {
  const paths = [...pathsBelow(CONTENT_MANIFESTS).filter((path) => path.endsWith('.json')), CONTENT_SETS];
  const cpes = new Set<string>();
  for (const path of paths) {
    const manifest = text(path);
    if (manifest === undefined) continue;
    const stated = repositoryCpesOf(manifest, path, problem);
    if (!stated) return [];
    for (const cpe of stated) cpes.add(cpe);
  }
  return [...cpes].sort();
}
