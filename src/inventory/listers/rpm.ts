import type { ListedPackage } from '../../model/package.ts';
import type { OwnedPaths, PackageLister } from '../lister.ts';
import { readBerkeleyDb } from './rpm/berkeley-db.ts';
import {
  DatabaseFile,
  damage,
  type HeaderReader,
  type ReportDamage,
  type RpmLimits,
  sentenceOf,
} from './rpm/database-file.ts';
import { fileCountOf, numberOf, parseHeader, pathsOf, type RpmHeader, TAGS, textOf } from './rpm/header.ts';
import { filteredReason, rpmVersion, sourceOfRpm } from './rpm/identity.ts';
import { readNdb } from './rpm/ndb.ts';
import { readSqlite } from './rpm/sqlite.ts';

/** Limits that no real database comes near. */
export const RPM_LIMITS: RpmLimits = {
  maxHeaderBytes: 64 * 1024 * 1024,
  maxOwnedPathCount: 2_000_000,
  maxOwnedPathChars: 128 * 1024 * 1024,
  maxProblemCount: 50,
};

/** Where rpm keeps its database: by tradition; on SUSE, and Fedora since 36; in systems made by rpm-ostree. */
const DIRECTORIES = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'];
const DATABASES = ['rpmdb.sqlite', 'Packages.db', 'Packages'];
/** Longer than its own header, it holds changes that are not in the database yet. */
const WRITE_AHEAD_LOG = 'rpmdb.sqlite-wal';
const WRITE_AHEAD_LOG_HEADER_BYTES = 32;

const WANTED_PATHS: ReadonlySet<string> = new Set(
  DIRECTORIES.flatMap((directory) => [...DATABASES, WRITE_AHEAD_LOG].map((name) => `${directory}/${name}`)),
);

/** Lists what rpm has installed, from any of its three kinds of database, with the files that each package owns. */
export const rpmLister: PackageLister = rpmListerWithin(RPM_LIMITS);

/** The lister with other limits. */
export function rpmListerWithin(limits: RpmLimits): PackageLister {
  return {
    name: 'rpm',
    version: 1,
    databaseDirectories: DIRECTORIES,
    wants: ({ path }) => WANTED_PATHS.has(path),
    wantsForOwnedPaths: ({ path }) => WANTED_PATHS.has(path) && !path.endsWith(WRITE_AHEAD_LOG),

    async *list(file, { problem, wantsOwnedPaths }) {
      const { path } = file;
      if (path.endsWith(WRITE_AHEAD_LOG)) {
        if (file.sizeBytes <= WRITE_AHEAD_LOG_HEADER_BYTES) return;
        problem({ code: 'lister.unread-log', path, message: 'changes that lie only in this log are not read' });
        return;
      }
      const tell = (what: string) => problem({ code: 'lister.damaged-database', path, message: what });
      const ownedPathsOf = ownedPathsWithin(limits);
      let problemCount = 0;
      const damaged: ReportDamage = (what) => {
        if (problemCount++ === limits.maxProblemCount)
          throw damage('more damage than maxProblemCount; the rest is not read');
        tell(what);
      };
      try {
        for await (const header of headersOf(new DatabaseFile(file), limits, damaged)) {
          try {
            const installed = toPackage(header);
            yield installed;
            if (wantsOwnedPaths) yield* ownedPathsOf(header, installed.name);
          } catch (error) {
            damaged(sentenceOf(error));
          }
        }
      } catch (error) {
        tell(sentenceOf(error));
      }
    },
  };
}

async function* headersOf(file: DatabaseFile, limits: RpmLimits, damaged: ReportDamage): AsyncGenerator<RpmHeader> {
  const read = await readerOf(file);
  // No two packages share bytes, so more than the file holds is a lie that would cost time without end.
  let bytesLeft = file.sizeBytes;
  for await (const bytes of read(file, limits, damaged)) {
    bytesLeft -= bytes.length;
    if (bytesLeft < 0) throw damage('its packages share bytes');
    try {
      yield parseHeader(bytes);
    } catch (error) {
      damaged(sentenceOf(error));
    }
  }
}

/** Lists owned paths package by package until a limit on all of them together is reached. */
function ownedPathsWithin({ maxOwnedPathCount, maxOwnedPathChars }: RpmLimits) {
  let countLeft = maxOwnedPathCount;
  let charsLeft = maxOwnedPathChars;
  return function* (header: RpmHeader, owner: string): Generator<OwnedPaths> {
    if (countLeft < 0) return;
    countLeft -= fileCountOf(header);
    if (countLeft < 0) throw damage('its packages own more files than maxOwnedPathCount; the rest is not attributed');
    const ownedPaths = pathsOf(header, charsLeft);
    for (const path of ownedPaths) charsLeft -= path.length + 1;
    if (ownedPaths.length > 0) yield { ownedPaths, owner };
  };
}

/** Tells the kind of a database by its first bytes: the magic of Berkeley DB stands at 12, in either byte order. */
async function readerOf(file: DatabaseFile): Promise<HeaderReader> {
  const head = await file.read(0, 16);
  if (head.toString('latin1', 0, 15) === 'SQLite format 3') return readSqlite;
  if (head.toString('latin1', 0, 4) === 'RpmP') return readNdb;
  const magic = [head.readUInt32BE(12), head.readUInt32LE(12)];
  if (magic.includes(0x061561) || magic.includes(0x053162)) return readBerkeleyDb;
  throw damage('it is no database of SQLite, ndb or Berkeley DB');
}

function toPackage(header: RpmHeader): ListedPackage {
  const name = textOf(header, TAGS.name);
  if (name === undefined) throw damage('a package has no name');
  const arch = textOf(header, TAGS.arch);
  const source = sourceOfRpm(textOf(header, TAGS.sourceRpm));
  const module = textOf(header, TAGS.modularityLabel);
  const vendor = textOf(header, TAGS.vendor);
  const filtered = filteredReason(name);
  return {
    name,
    version: versionOf(header),
    versionScheme: 'rpm',
    type: 'rpm',
    ...(arch && { arch }),
    ...(source && { source }),
    ...(module && { module }),
    ...(vendor && { properties: { vendor } }),
    ...(filtered && { filtered }),
  };
}

/** Without a version there is nothing to compare, whatever the release. */
function versionOf(header: RpmHeader): string {
  const version = textOf(header, TAGS.version);
  if (version === undefined) return '';
  const release = textOf(header, TAGS.release);
  return rpmVersion(numberOf(header, TAGS.epoch) ?? 0, release === undefined ? version : `${version}-${release}`);
}
