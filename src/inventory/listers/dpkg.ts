import type { LayerFile } from '../../model/layer.ts';
import type { ListedPackage, SourcePackage } from '../../model/package.ts';
import type { ReportProblem } from '../../model/problem.ts';
import type { PackageLister } from '../lister.ts';
import { type Stanza, stanzasOf } from '../stanzas.ts';

const STATUS = 'var/lib/dpkg/status';
const STATUS_DIRECTORY = 'var/lib/dpkg/status.d/';
const INFO_DIRECTORY = 'var/lib/dpkg/info/';

/** What else lies in status.d, under the package's name with such an ending. Source: dpkg(1), files of `info`. */
const NOT_A_STATUS =
  /\.(md5sums|list|conffiles|preinst|postinst|prerm|postrm|config|templates|triggers|shlibs|symbols)$/;

/** States in which nothing of a package but its settings is on the disk; in all others its files are, or may be. Source: dpkg(1). */
const NOT_INSTALLED = ['not-installed', 'config-files'];
const STATES = [
  ...NOT_INSTALLED,
  'half-installed',
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
  'installed',
];

/**
 * Lists what `dpkg` has installed (Debian, Ubuntu, distroless).
 *
 * `var/lib/dpkg/status` has a stanza of `Field: value` lines for each package; distroless images have a file each in `status.d`
 * instead, without a `Status`. `Source: name (version)` is there only where it differs from the binary package.
 * Source: deb-control(5), dpkg-query(1), https://github.com/GoogleContainerTools/distroless.
 */
export const dpkgLister: PackageLister = {
  name: 'dpkg',
  version: 1,
  databaseDirectories: ['var/lib/dpkg'],
  wants: ({ path }) => path === STATUS || (path.startsWith(STATUS_DIRECTORY) && !NOT_A_STATUS.test(path)),
  wantsForOwnedPaths: ({ path }) =>
    (path.startsWith(INFO_DIRECTORY) && path.endsWith('.list')) ||
    (path.startsWith(STATUS_DIRECTORY) && path.endsWith('.md5sums')),

  async *list(file, { problem }) {
    if (file.path.endsWith('.list')) yield { owner: ownerOf(file.path, '.list'), ownedPaths: await readList(file) };
    else if (file.path.endsWith('.md5sums'))
      yield { owner: ownerOf(file.path, '.md5sums'), ownedPaths: await readMd5Sums(file) };
    else yield* listStatus(await file.text(), file.path, problem);
  },
};

function* listStatus(text: string, path: string, problem: ReportProblem): Generator<ListedPackage> {
  const report = (message: string, { line }: Stanza) =>
    problem({ code: 'lister.incomplete-entry', message: `line ${line}: ${message}`, path });
  for (const stanza of stanzasOf(text, { problem, path })) {
    const name = stanza.fields.get('package');
    if (!name) {
      report('a stanza without a package name', stanza);
      continue;
    }
    const state = stanza.fields.get('status')?.split(/\s+/)[2];
    if (state !== undefined && NOT_INSTALLED.includes(state)) continue;
    const stated = stanza.fields.get('status');
    if (stated !== undefined && !STATES.includes(state ?? '')) {
      report(`package ${name} has the unknown status ${JSON.stringify(stated)}; taken as installed`, stanza);
    }
    const version = stanza.fields.get('version') ?? '';
    if (version === '') report(`package ${name} has no version`, stanza);
    const arch = stanza.fields.get('architecture');
    const source = readSource(stanza.fields.get('source'), { name, version });
    if (!source) report(`package ${name} has an unreadable source`, stanza);
    yield {
      name,
      version,
      versionScheme: 'dpkg',
      type: 'deb',
      ...(arch && { arch }),
      source: source ?? { name, version },
    };
  }
}

/** `Source: gcc-12 (12.2.0-14)`, `Source: glibc`, or none: the package is its own source. */
function readSource(text: string | undefined, own: SourcePackage): SourcePackage | undefined {
  if (!text) return own;
  const [, name, version] = /^([^\s()]+)(?:\s*\(([^()]*)\))?$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, version: version?.trim() || own.version };
}

/** `libc6` of `var/lib/dpkg/info/libc6:amd64.list`. */
function ownerOf(path: string, ending: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1, -ending.length);
  return name.split(':', 1)[0]!;
}

/** A line for each path, directories too, with a leading `/`. */
async function readList(file: LayerFile): Promise<readonly string[]> {
  const lines = (await file.text()).split('\n');
  return lines.filter((line) => line.startsWith('/') && line !== '/.').map(withoutRoot);
}

/** `<32 hex digits>  usr/bin/openssl` a line. */
async function readMd5Sums(file: LayerFile): Promise<readonly string[]> {
  const lines = (await file.text()).split('\n');
  return lines.flatMap((line) => /^[0-9a-f]{32} [ *](.+)$/.exec(line)?.[1] ?? []).map(withoutRoot);
}

function withoutRoot(path: string): string {
  return path.replace(/^\.?\/+/, '');
}
