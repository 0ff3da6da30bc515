import type { ListedPackage } from '../../model/package.ts';
import type { OwnedPaths, PackageLister } from '../lister.ts';

const DATABASES = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'];

/** What is kept of a stanza while its lines are read. */
interface Entry {
  readonly line: number;
  readonly fields: Map<string, string>;
  /** The directory of the last `F:` line. */
  directory: string;
  readonly ownedPaths: string[];
  /** Number of the first line that is none of the format. */
  badLine?: number;
}

/**
 * Lists what `apk` has installed (Alpine, Wolfi, Chainguard).
 *
 * The database has one stanza a package, parted by blank lines, of `<letter>:<value>` lines. Letters are case-sensitive:
 * P name, V version, A architecture, o origin (the source package), F directory, R file in it.
 * Source: https://wiki.alpinelinux.org/wiki/Apk_spec and apk-package(5).
 */
export const apkLister: PackageLister = {
  name: 'apk',
  version: 1,
  databaseDirectories: ['lib/apk/db', 'usr/lib/apk/db'],
  wants: ({ path }) => DATABASES.includes(path),
  wantsForOwnedPaths: ({ path }) => DATABASES.includes(path),

  async *list(file, { problem, wantsOwnedPaths }) {
    for (const entry of entriesOf(await file.text(), wantsOwnedPaths)) {
      const { line, fields, ownedPaths, badLine } = entry;
      const report = (message: string) =>
        problem({ code: 'lister.incomplete-entry', message: `line ${line}: ${message}`, path: file.path });
      if (badLine !== undefined)
        problem({ code: 'lister.malformed-line', message: `line ${badLine}: no letter and colon`, path: file.path });
      const name = fields.get('P');
      if (!name) {
        report('an entry without a package name');
        continue;
      }
      if (!fields.get('V')) report(`package ${name} has no version`);
      yield packageOf(name, fields);
      if (ownedPaths.length > 0) yield { owner: name, ownedPaths } satisfies OwnedPaths;
    }
  },
};

function packageOf(name: string, fields: ReadonlyMap<string, string>): ListedPackage {
  const [version, arch] = [fields.get('V') ?? '', fields.get('A')];
  return {
    name,
    version,
    versionScheme: 'apk',
    type: 'apk',
    ...(arch && { arch }),
    source: { name: fields.get('o') || name, version },
  };
}

/** One walk over the text: a large image has a line for each file and its checksum, of which most are passed over. */
function* entriesOf(text: string, wantsOwnedPaths: boolean): Generator<Entry> {
  let line = 0;
  let entry: Entry | undefined;
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    line++;
    if (text.slice(start, end).trim() === '') {
      if (entry) yield entry;
      entry = undefined;
    } else {
      entry ??= { line, fields: new Map(), directory: '', ownedPaths: [] };
      if (!readLine(text.slice(start, end), entry, wantsOwnedPaths)) entry.badLine ??= line;
    }
    start = end + 1;
  }
  if (entry) yield entry;
}

/** @returns false where the line is none of the format. */
function readLine(line: string, entry: Entry, wantsOwnedPaths: boolean): boolean {
  if (line[1] !== ':') return false;
  const [letter, value] = [line[0]!, line.slice(2).trim()];
  if (letter === 'P' || letter === 'V' || letter === 'A' || letter === 'o') entry.fields.set(letter, value);
  else if (letter === 'F') entry.directory = value;
  else if (letter === 'R' && wantsOwnedPaths)
    entry.ownedPaths.push(entry.directory ? `${entry.directory}/${value}` : value);
  return true;
}
