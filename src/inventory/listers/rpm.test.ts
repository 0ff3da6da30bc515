import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asyncProperty, constantFrom, assert as holds, integer, tuple, uint8Array } from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { ListedPackage } from '../../model/package.ts';
import type { Problem } from '../../model/problem.ts';
import { layerFileOf } from '../lister.contract.ts';
import type { RpmLimits } from './rpm/database-file.ts';
import {
  type BerkeleyDbOptions,
  numbers,
  sampleHeader,
  text,
  texts,
  writeBerkeleyDb,
  writeHeader,
  writeNdb,
  writeReservedSqlite,
} from './rpm/sample-databases.ts';
import { RPM_LIMITS, rpmLister, rpmListerWithin } from './rpm.ts';

const folder = mkdtempSync(join(tmpdir(), 'rpm-lister-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly packages: ListedPackage[];
  readonly ownedPaths: Record<string, readonly string[]>;
  readonly problems: Problem[];
}

async function list(bytes: Buffer, limits: Partial<RpmLimits> = {}, path = 'var/lib/rpm/Packages') {
  const outcome: Outcome = { packages: [], ownedPaths: {}, problems: [] };
  const lister = rpmListerWithin({ ...RPM_LIMITS, ...limits });
  const problem = (found: Problem) => void outcome.problems.push(found);
  for await (const listed of lister.list(layerFileOf(path, bytes), { problem, wantsOwnedPaths: true })) {
    if ('ownedPaths' in listed) outcome.ownedPaths[listed.owner] = listed.ownedPaths;
    else outcome.packages.push(listed);
  }
  return outcome;
}

const namesOf = ({ packages }: Outcome) => packages.map(({ name }) => name);
const messagesOf = ({ problems }: Outcome) => problems.map(({ message }) => message);

let databaseCount = 0;

/** A database that SQLite itself wrote. */
function writeSqlite(headers: readonly Buffer[], { pageBytes = 4096, journal = 'delete', deleted = 0 } = {}): Buffer {
  const path = join(folder, `${databaseCount++}.sqlite`);
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = ${journal}; PRAGMA synchronous = off`);
  database.exec('CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)');
  database.exec('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)');
  const insert = database.prepare('INSERT INTO Packages (blob) VALUES (?)');
  database.exec('BEGIN');
  for (const header of headers) insert.run(header);
  database.exec('COMMIT');
  database.prepare('DELETE FROM Packages WHERE hnum <= ?').run(deleted);
  database.close();
  return readFileSync(path);
}

const longText = (length: number) => text(1005, 'x'.repeat(length));
const openssl = sampleHeader('openssl-libs');

describe('rpmLister: what a package says', () => {
  test('name, version-release, architecture, source and vendor', async () => {
    const header = sampleHeader('openssl-libs', [
      text(1011, 'Red Hat, Inc.'),
      text(1044, 'openssl-3.0.7-27.el9.src.rpm'),
    ]);
    const { packages, problems } = await list(writeNdb([header]));
    expect(packages).toEqual([
      {
        name: 'openssl-libs',
        version: '3.0.7-27.el9',
        versionScheme: 'rpm',
        type: 'rpm',
        arch: 'x86_64',
        source: { name: 'openssl', version: '3.0.7-27.el9' },
        properties: { vendor: 'Red Hat, Inc.' },
      },
    ]);
    expect(problems).toEqual([]);
  });

  const versions = [
    [[], '3.0.7-27.el9', 'no epoch'],
    [[numbers(1003, [0])], '3.0.7-27.el9', 'an epoch of 0 is not written'],
    [[numbers(1003, [1])], '1:3.0.7-27.el9', 'an epoch is written, and not added to the source version'],
    [[text(1002, '28.el9')], '3.0.7-28.el9', 'a tag that was added at installation replaces that of the region'],
  ] as const;
  for (const [tags, version, shows] of versions) {
    test(`version ${version}: ${shows}`, async () => {
      const { packages } = await list(writeNdb([sampleHeader('openssl', tags)]));
      expect(packages[0]?.version).toBe(version);
      expect(packages[0]?.source?.version).toBe('3.0.7-27.el9');
    });
  }

  test('the module of a modular package', async () => {
    const label = 'nodejs:18:8090020240131123114:a75119d5';
    const { packages } = await list(writeNdb([sampleHeader('nodejs', [text(5096, label)])]));
    expect(packages[0]?.module).toBe(label);
  });

  test('gpg-pubkey is listed and takes no part', async () => {
    const key = writeHeader([
      text(1000, 'gpg-pubkey'),
      text(1001, 'fd431d51'),
      text(1002, '4ae0493b'),
      text(1044, '(none)'),
    ]);
    const { packages } = await list(writeNdb([key]));
    expect(packages).toEqual([
      {
        name: 'gpg-pubkey',
        version: 'fd431d51-4ae0493b',
        versionScheme: 'rpm',
        type: 'rpm',
        filtered: 'gpg-pubkey is a key, not software',
      },
    ]);
  });

  test('a package without version is listed without one', async () => {
    const { packages } = await list(writeNdb([writeHeader([text(1000, 'odd'), text(1002, '1')])]));
    expect(packages[0]).toMatchObject({ name: 'odd', version: '' });
  });

  test('the files that it owns', async () => {
    const python = sampleHeader('python3-libs', [
      numbers(1116, [0, 1, 1]),
      texts(1117, ['libpython3.so', 'os.py', 'ré.py']),
      texts(1118, ['/usr/lib64/', '/usr/lib64/python3.9/']),
    ]);
    const old = sampleHeader('setup', [texts(1027, ['/etc/hosts'])]);
    const { ownedPaths } = await list(writeNdb([python, old, openssl]));
    expect(ownedPaths).toEqual({
      'python3-libs': ['usr/lib64/libpython3.so', 'usr/lib64/python3.9/os.py', 'usr/lib64/python3.9/ré.py'],
      setup: ['etc/hosts'],
    });
  });
});

describe('rpmLister: where', () => {
  const paths = [
    ['var/lib/rpm/Packages', true],
    ['var/lib/rpm/Packages.db', true],
    ['var/lib/rpm/rpmdb.sqlite', true],
    ['usr/lib/sysimage/rpm/rpmdb.sqlite', true],
    ['usr/share/rpm/rpmdb.sqlite', true],
    ['var/lib/rpm/Name', false],
    ['opt/var/lib/rpm/Packages', false],
  ] as const;
  for (const [path, isWanted] of paths) {
    test(`${path}: ${isWanted ? 'wanted' : 'not wanted'}`, () => {
      expect(rpmLister.wants({ path, mode: 0o644, sizeBytes: 1, head: Buffer.alloc(0) })).toBe(isWanted);
    });
  }

  test('a write-ahead log with changes is told, as they are not read', async () => {
    const path = 'var/lib/rpm/rpmdb.sqlite-wal';
    expect((await list(Buffer.alloc(32), {}, path)).problems).toEqual([]);
    expect((await list(Buffer.alloc(33), {}, path)).problems).toMatchObject([{ code: 'lister.unread-log', path }]);
  });
});

describe('rpmLister: SQLite', () => {
  const many = Array.from({ length: 600 }, (_, index) =>
    sampleHeader(`package-${index}`, [longText((index * 37) % 9000)]),
  );
  const names = many.map((_, index) => `package-${index}`);

  for (const pageBytes of [512, 1024, 4096, 65536]) {
    test(`pages of ${pageBytes} bytes: inner pages and overflow chains`, async () => {
      const outcome = await list(writeSqlite(many, { pageBytes }));
      expect(namesOf(outcome)).toEqual(names);
      expect(outcome.problems).toEqual([]);
    });
  }

  test('a file of WAL mode is read', async () => {
    expect(namesOf(await list(writeSqlite(many, { journal: 'wal' })))).toEqual(names);
  });

  test('deleted packages are not listed', async () => {
    expect(namesOf(await list(writeSqlite(many, { deleted: 590 })))).toEqual(names.slice(590));
  });

  test('bytes at the end of each page may be reserved', async () => {
    const outcome = await list(writeReservedSqlite(sampleHeader('reserved', [longText(5000)]), 12));
    expect(messagesOf(outcome)).toEqual([]);
    expect(namesOf(outcome)).toEqual(['reserved']);
  });

  test('a database without the table', async () => {
    const path = join(folder, 'other.sqlite');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE Other (a)');
    database.close();
    expect(messagesOf(await list(readFileSync(path)))).toEqual(['it has no table Packages']);
  });

  test('a cut file yields what is there and says what is not', async () => {
    const whole = writeSqlite(many);
    const outcome = await list(whole.subarray(0, whole.length / 2));
    expect(outcome.packages.length).toBeGreaterThan(100);
    expect(outcome.problems.length).toBeGreaterThan(0);
  });

  test('an overflow chain that bites its tail ends', async () => {
    const bytes = writeSqlite([sampleHeader('long', [longText(20_000)])]);
    for (let page = 5; page * 4096 < bytes.length; page++) bytes.writeUInt32BE(5, page * 4096);
    expect(messagesOf(await list(bytes))).toEqual([expect.stringContaining('is used twice')]);
  });

  test('an inner page that refers to itself ends', async () => {
    const bytes = writeSqlite(many);
    const inner = findInteriorPage(bytes);
    bytes.writeUInt32BE(inner / 4096 + 1, inner + 8);
    expect(messagesOf(await list(bytes))).toEqual([expect.stringContaining('do not exist or are used already')]);
  });
});

/** Root page of the table Packages: the byte before the text of its CREATE statement. */
function readFileRoot(bytes: Buffer): number {
  return bytes[bytes.indexOf('CREATE TABLE Packages') - 1]!;
}

function findInteriorPage(bytes: Buffer): number {
  for (let at = 4096; at < bytes.length; at += 4096) {
    if (bytes[at] === 0x05 && readFileRoot(bytes) === at / 4096 + 1) return at;
  }
  throw new Error('no inner page');
}

describe('rpmLister: Berkeley DB', () => {
  const headers = [sampleHeader('bash', [longText(3000)]), writeHeader([text(1000, 'tiny')]), openssl];
  const kinds: BerkeleyDbOptions[] = [8, 9, 10].flatMap((version) =>
    [512, 4096, 65536].flatMap((pageBytes) =>
      [true, false].map((isBigEndian) => ({ version, pageBytes, isBigEndian })),
    ),
  );
  for (const options of kinds) {
    const order = options.isBigEndian ? 'big-endian' : 'little-endian';
    test(`version ${options.version}, pages of ${options.pageBytes} bytes, ${order}`, async () => {
      const outcome = await list(writeBerkeleyDb(headers, options));
      expect(namesOf(outcome)).toEqual(['bash', 'tiny', 'openssl-libs']);
      expect(outcome.problems).toEqual([]);
    });
  }

  test('a page that was freed keeps its bytes and is not read; the count of entries shows what is missing', async () => {
    const bytes = writeBerkeleyDb(headers);
    bytes.writeUInt8(0, 512 + 25);
    const outcome = await list(bytes);
    expect(namesOf(outcome)).toEqual([]);
    expect(messagesOf(outcome)).toEqual(['of 4 entries 0 are there']);
  });

  test('a cut file yields what is there and says what is not', async () => {
    const bytes = writeBerkeleyDb(headers);
    const outcome = await list(bytes.subarray(0, bytes.length - 512));
    expect(namesOf(outcome)).toEqual(['bash', 'tiny']);
    expect(messagesOf(outcome)).toEqual([
      expect.stringContaining('it is cut: of 10 pages 9 are there'),
      expect.stringContaining('page 9 is behind its end'),
    ]);
  });

  test('an overflow chain that bites its tail ends', async () => {
    const bytes = writeBerkeleyDb(headers);
    bytes.writeUInt32LE(2, 3 * 512 + 16);
    const outcome = await list(bytes);
    expect(namesOf(outcome)).toEqual(['tiny', 'openssl-libs']);
    expect(messagesOf(outcome)).toEqual(['page 2 is used twice']);
  });

  const unreadable = [
    [(bytes: Buffer) => bytes.writeUInt32LE(0x053162, 12), /of kind btree, as rpm 5 wrote it/, 'a btree'],
    [
      (bytes: Buffer) => bytes.writeUInt32LE(7, 16),
      /version 7 of a Berkeley DB hash is not one of 8, 9, 10/,
      'a version',
    ],
    [(bytes: Buffer) => bytes.writeUInt32LE(1000, 20), /1000 is no page size/, 'a page size that is no power of two'],
    [(bytes: Buffer) => bytes.writeUInt8(1, 24), /it is encrypted/, 'encryption'],
    [(bytes: Buffer) => bytes.writeUInt32LE(1, 12), /it is no database of/, 'no magic'],
  ] as const;
  for (const [change, message, shows] of unreadable) {
    test(`${shows}: one clear problem`, async () => {
      const bytes = writeBerkeleyDb(headers);
      change(bytes);
      const outcome = await list(bytes);
      expect(outcome.packages).toEqual([]);
      expect(messagesOf(outcome)).toEqual([expect.stringMatching(message)]);
    });
  }
});

describe('rpmLister: ndb', () => {
  test('a blob whose frame does not fit its slot is told, the others are listed', async () => {
    const bytes = writeNdb([sampleHeader('first'), sampleHeader('second'), sampleHeader('third')]);
    bytes.writeUInt32LE(9, 32 + 16 + 4);
    const outcome = await list(bytes);
    expect(namesOf(outcome)).toEqual(['first', 'third']);
    expect(messagesOf(outcome)).toEqual([expect.stringContaining('there is no blob 9')]);
  });

  test('slots that all name one blob end', async () => {
    const bytes = writeNdb([openssl]);
    for (let at = 48; at < 4096; at += 16) bytes.copy(bytes, at, 32, 48);
    expect(messagesOf(await list(bytes))).toEqual(['its packages share bytes']);
  });

  test('a cut file', async () => {
    const bytes = writeNdb([openssl, openssl]);
    const outcome = await list(bytes.subarray(0, bytes.length - 16));
    expect(namesOf(outcome)).toEqual(['openssl-libs']);
    expect(messagesOf(outcome)).toEqual([expect.stringContaining('it ends at byte')]);
  });
});

describe('rpmLister: damaged headers', () => {
  const wide = (tag: number) => ({ tag, type: 6, count: 1, value: Buffer.from('no end') });
  const cases = [
    [Buffer.alloc(4), /too short/, 'shorter than its intro'],
    [Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]), /states 65536 tags/, 'more tags than bytes'],
    [writeHeader([text(1001, '1')]), /has no name/, 'no name'],
    [writeHeader([numbers(1000, [1])]), /tag 1000 of a header is no text/, 'a name that is a number'],
    [writeHeader([wide(1000)]), /tag 1000 of a header has no end/, 'a text that runs over the end'],
    [
      writeHeader([text(1000, 'a'), { tag: 1001, type: 6, count: 1, value: Buffer.alloc(0) }]),
      /lies outside/,
      'an offset',
    ],
  ] as const;
  for (const [header, message, shows] of cases) {
    test(`${shows}: the other packages are listed`, async () => {
      const outcome = await list(writeNdb([header, openssl]));
      expect(namesOf(outcome)).toEqual(['openssl-libs']);
      expect(messagesOf(outcome)).toEqual([expect.stringMatching(message)]);
    });
  }

  test('a damaged list of files costs the files, not the package', async () => {
    const header = sampleHeader('bash', [numbers(1116, [7]), texts(1117, ['bash']), texts(1118, ['/bin/'])]);
    const outcome = await list(writeNdb([header]));
    expect(namesOf(outcome)).toEqual(['bash']);
    expect(outcome.ownedPaths).toEqual({});
    expect(messagesOf(outcome)).toEqual([expect.stringContaining('directory 7 of a file does not exist')]);
  });
});

describe('rpmLister: limits', () => {
  const files = sampleHeader('bash', [numbers(1116, [0, 0]), texts(1117, ['bash', 'sh']), texts(1118, ['/bin/'])]);
  const blobBytes = Math.ceil((16 + files.length + 12) / 16) * 16;
  const cases = [
    ['maxHeaderBytes', blobBytes],
    ['maxOwnedPathCount', 2],
    ['maxOwnedPathChars', '/bin/bash'.length + '/bin/sh'.length],
  ] as const;
  for (const [limit, value] of cases) {
    test(`${limit}: at the limit all is read, above it is told`, async () => {
      const within = await list(writeNdb([files]), { [limit]: value });
      expect(within.problems).toEqual([]);
      expect(within.ownedPaths).toEqual({ bash: ['bin/bash', 'bin/sh'] });
      const above = await list(writeNdb([files]), { [limit]: value - 1 });
      expect(above.ownedPaths).toEqual({});
      expect(messagesOf(above)).toEqual([expect.stringContaining(limit)]);
    });
  }

  test('maxProblemCount: the rest of a database is not read behind it', async () => {
    const damaged = [Buffer.alloc(4), Buffer.alloc(4), openssl];
    const within = await list(writeNdb(damaged), { maxProblemCount: 2 });
    expect([namesOf(within), within.problems.length]).toEqual([['openssl-libs'], 2]);
    const above = await list(writeNdb(damaged), { maxProblemCount: 1 });
    expect([namesOf(above), above.problems.length]).toEqual([[], 2]);
    expect(messagesOf(above)[1]).toContain('more damage than maxProblemCount');
  });
});

describe('rpmLister: any bytes', () => {
  test('never make it throw', async () => {
    const starts = ['', 'SQLite format 3\0', 'RpmP'].map((start) => Buffer.from(start, 'latin1'));
    await holds(
      asyncProperty(constantFrom(...starts), uint8Array({ maxLength: 5000 }), async (start, rest) => {
        await list(Buffer.concat([start, rest]));
      }),
    );
  });

  test('in place of sound ones never make it throw, nor tell more than its limit', async () => {
    const headers = [sampleHeader('bash', [longText(3000), texts(1117, ['bash']), numbers(1116, [0])]), openssl];
    const sound = [writeNdb(headers), writeBerkeleyDb(headers), writeSqlite(headers, { pageBytes: 512 })];
    const changes = tuple(integer({ min: 0, max: 20_000 }), uint8Array({ minLength: 1, maxLength: 4 }));
    await holds(
      asyncProperty(
        constantFrom(...sound),
        uint8Array({ maxLength: 1 }),
        changes,
        changes,
        async (whole, _, ...all) => {
          const bytes = Buffer.from(whole);
          for (const [at, change] of all) bytes.set(change, at % (bytes.length - 4));
          const { problems } = await list(bytes);
          expect(problems.length).toBeLessThanOrEqual(RPM_LIMITS.maxProblemCount + 1);
        },
      ),
      { numRuns: 400 },
    );
  });
});
