import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../../test/fake-feeds.ts';
import { makeDatabaseDirectory } from './database-directory.ts';
import { openHeldSource } from './held-source.ts';
import { openSnapshot } from './open-snapshot.ts';
import { snapshotFile } from './pointer.ts';
import { exportSnapshot, importSnapshot } from './snapshot-archive.ts';
import { checkFreeSpace } from './snapshot-build.ts';
import { verifyCurrentSnapshot } from './verify-snapshot.ts';

const root = mkdtempSync(join(tmpdir(), 'cvescan-archive-'));
const source = join(root, 'source');
const archive = join(root, 'db.zst');
const AT = '2026-08-01T00:00:00.000Z';

const debian = (...ids: readonly string[]) =>
  fakeUpdater('debian', {
    tracker: { parts: { all: { revision: '1', records: ids.map((id) => fakeAdvisory(id, 'openssl', '1')) } } },
  });

beforeAll(async () => {
  await updateFakes(source, [debian('CVE-1')]);
  await exportSnapshot(source, archive);
});
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
function emptyDirectory(): string {
  const directory = join(root, `${++count}`);
  makeDatabaseDirectory(directory);
  return directory;
}

const idsIn = (directory: string): string[] => {
  using snapshot = openSnapshot(directory);
  return snapshot.advisories('debian:12', 'openssl').map(({ vulnerabilityId }) => vulnerabilityId);
};

test('an archive brings the snapshot elsewhere, with its id', async () => {
  const directory = emptyDirectory();
  const { id } = await importSnapshot(directory, archive, AT);
  using original = openSnapshot(source);
  expect(id).toBe(original.id);
  expect(idsIn(directory)).toEqual(['CVE-1']);
  expect(verifyCurrentSnapshot(directory)).toMatchObject({ differing: [], computedId: id });
  expect(openSnapshot(directory).sources).toEqual(original.sources);
});

test('it takes the place of another, and updates go on from it', async () => {
  const directory = emptyDirectory();
  await updateFakes(directory, [debian('CVE-8', 'CVE-9')]);
  await importSnapshot(directory, archive, AT);
  expect(idsIn(directory)).toEqual(['CVE-1']);
  expect((await updateFakes(directory, [debian('CVE-1')])).outcomes).toMatchObject([{ state: 'unchanged' }]);
});

test('any program that knows zstd unpacks it', () => {
  const bytes = readFileSync(archive);
  const unpacked = zstdDecompressSync(bytes.subarray(8 + bytes.readUInt32LE(4)));
  expect(unpacked.subarray(0, 15).toString()).toBe('SQLite format 3');
});

describe('what is refused, and leaves the database as it was', () => {
  const bytes = () => readFileSync(archive);
  const manifestEnd = () => 8 + bytes().readUInt32LE(4);
  const withManifest = (
    change: (manifest: Record<string, unknown>) => void,
    body = bytes().subarray(manifestEnd()),
  ) => {
    const manifest = JSON.parse(bytes().subarray(8, manifestEnd()).toString());
    change(manifest);
    const json = Buffer.from(JSON.stringify(manifest));
    const header = Buffer.from(bytes().subarray(0, 8));
    header.writeUInt32LE(json.length, 4);
    return Buffer.concat([header, json, body]);
  };
  const otherFile = (edit: (db: DatabaseSync) => void): Buffer => {
    const file = join(root, 'edited.sqlite');
    writeFileSync(file, zstdDecompressSync(bytes().subarray(manifestEnd())));
    const db = new DatabaseSync(file);
    edit(db);
    db.close();
    const content = readFileSync(file);
    const sha256 = hash('sha256', content);
    return withManifest(
      (manifest) => Object.assign(manifest, { sha256, sizeBytes: content.length }),
      zstdCompressSync(content),
    );
  };

  for (const [shows, make, message] of [
    ['nothing', () => Buffer.alloc(0), 'not written by'],
    ['something else', () => Buffer.from('PK\u0003\u0004 and more of it'), 'not written by'],
    ['a byte behind the archive', () => Buffer.concat([bytes(), Buffer.from('x')]), 'follows its end'],
    ['zeros behind the archive', () => Buffer.concat([bytes(), Buffer.alloc(3 << 20)]), 'damaged'],
    ['another archive behind it', () => Buffer.concat([bytes(), bytes()]), 'damaged'],
    ['an archive cut short', () => bytes().subarray(0, -20), 'damaged'],
    [
      'a flipped bit',
      () => Buffer.from(bytes().map((byte, at, all) => (at === all.length - 200 ? byte ^ 1 : byte))),
      'damaged',
    ],
    [
      'a wrong digest',
      () => withManifest((manifest) => Object.assign(manifest, { sha256: '0'.repeat(64) })),
      'SHA-256',
    ],
    [
      'more than it says',
      () => withManifest((manifest) => Object.assign(manifest, { sizeBytes: 4096 })),
      'more than it says',
    ],
    [
      'another id',
      () => withManifest((manifest) => Object.assign(manifest, { id: '0'.repeat(64) })),
      'id does not follow',
    ],
    ['a view in the schema', () => otherFile((db) => db.exec('CREATE VIEW v AS SELECT 1')), 'tables'],
    [
      'a trigger in the schema',
      () => otherFile((db) => db.exec('CREATE TRIGGER t AFTER INSERT ON part BEGIN SELECT 1; END')),
      'tables',
    ],
    ['another application', () => otherFile((db) => db.exec('PRAGMA application_id = 1')), 'no advisory database'],
    ['another format', () => otherFile((db) => db.exec('PRAGMA user_version = 99')), 'format is 99'],
    ['other hashes', () => otherFile((db) => db.exec("UPDATE part SET hash = x'00'")), 'id does not follow'],
  ] as const) {
    test(shows, async () => {
      const directory = emptyDirectory();
      await updateFakes(directory, [debian('CVE-9')]);
      const file = join(root, 'hostile.zst');
      writeFileSync(file, make());
      await expect(importSnapshot(directory, file, AT)).rejects.toMatchObject({
        ...{ code: 'database.damaged', message: expect.stringContaining(message) },
      });
      expect(idsIn(directory)).toEqual(['CVE-9']);
    });
  }

  for (const [shows, file, message] of [
    ['a file that is not there', join(root, 'none'), 'does not exist'],
    ['a directory', root, 'is no file'],
  ] as const) {
    test(shows, async () => {
      await expect(importSnapshot(emptyDirectory(), file, AT)).rejects.toMatchObject({
        ...{ code: 'document.not-found', message: expect.stringContaining(message) },
      });
    });
  }
});

describe('a snapshot that cannot be read', () => {
  test('none: the advice names the target', () => {
    expect(() => openSnapshot(emptyDirectory(), { target: 'image.tar' })).toThrow(
      /no advisory database.*cvescan datasources-update --only-needed image\.tar/,
    );
  });

  for (const [shows, damage] of [
    ['empty', () => Buffer.alloc(0)],
    ['no SQLite', () => Buffer.from('hello '.repeat(1000))],
    ['cut', (bytes: Buffer) => bytes.subarray(0, 5000)],
  ] as const) {
    test(shows, async () => {
      const directory = emptyDirectory();
      const { snapshotId } = await updateFakes(directory, [debian('CVE-1')]);
      const file = snapshotFile(directory, snapshotId!);
      writeFileSync(file, damage(readFileSync(file)));
      expect(() => openSnapshot(directory)).toThrow(expect.objectContaining({ code: 'database.damaged' }));
    });
  }

  test('a pointer that points nowhere', async () => {
    const directory = emptyDirectory();
    for (const text of ['', '{"id":"../../etc/passwd","sources":{}}', `{"id":"${'0'.repeat(64)}","sources":{}}`]) {
      writeFileSync(join(directory, 'current'), text);
      expect(() => openSnapshot(directory)).toThrow(expect.objectContaining({ code: 'database.damaged' }));
    }
  });
});

describe('a damaged database is made whole by what its message names', () => {
  const current = (directory: string) => join(directory, 'current');
  const fileOf = (directory: string) =>
    snapshotFile(directory, JSON.parse(readFileSync(current(directory), 'utf8')).id);
  const zeroed = (bytes: Buffer): Buffer => bytes.fill(0, 8192);
  for (const [shows, damage, problem] of [
    ['cut', (dir: string) => truncateSync(fileOf(dir), 5000), 'no readable SQLite file'],
    ['empty', (dir: string) => truncateSync(fileOf(dir)), 'no advisory database'],
    ['zeroed pages', (dir: string) => writeFileSync(fileOf(dir), zeroed(readFileSync(fileOf(dir)))), 'cannot be read'],
    ['the snapshot is gone', (dir: string) => rmSync(fileOf(dir)), 'is not there'],
    ['current is garbage', (dir: string) => writeFileSync(current(dir), '{"id":'), 'names no snapshot'],
    ['current is empty', (dir: string) => writeFileSync(current(dir), ''), 'names no snapshot'],
    ['current is null', (dir: string) => writeFileSync(current(dir), 'null'), 'names no snapshot'],
    [
      'current names another',
      (dir: string) => writeFileSync(current(dir), `{"id":"${'0'.repeat(64)}","sources":{}}`),
      'is not there',
    ],
  ] as const) {
    test(shows, async () => {
      const directory = emptyDirectory();
      const damageAnew = async () => {
        await updateFakes(directory, [debian('CVE-8', 'CVE-9')]);
        damage(directory);
      };
      await damageAnew();
      const message = expect.stringMatching(`${problem}.*; run cvescan db import FILE, or remove .*/current and run`);
      const refusal = expect.objectContaining({ code: 'database.damaged', message });
      expect(() => openSnapshot(directory)).toThrow(refusal);
      await expect(updateFakes(directory, [debian('CVE-1')])).rejects.toThrow(refusal);

      await importSnapshot(directory, archive, AT);
      expect(idsIn(directory)).toEqual(['CVE-1']);

      await damageAnew();
      rmSync(current(directory));
      await updateFakes(directory, [debian('CVE-1')]);
      expect(idsIn(directory)).toEqual(['CVE-1']);
    });
  }
});

test('parts that cannot be read are damage too', async () => {
  const directory = emptyDirectory();
  const { snapshotId } = await updateFakes(directory, [debian('CVE-1')]);
  const file = snapshotFile(directory, snapshotId!);
  const db = new DatabaseSync(file);
  const page = Number(db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'part'`).get()?.rootpage);
  db.close();
  writeFileSync(file, readFileSync(file).fill(0, (page - 1) * 8192, page * 8192));
  using held = openHeldSource(directory, 'debian');
  const message = expect.stringContaining('run cvescan db import FILE');
  expect(() => held.parts()).toThrow(expect.objectContaining({ code: 'database.damaged', message }));
});

describe('free disk', () => {
  test('three times the size is enough, a byte less is not', () => {
    const need = { operation: 'an import', sizeBytes: 100 };
    expect(() => checkFreeSpace(root, need, () => 300)).not.toThrow();
    expect(() => checkFreeSpace(root, need, () => 299)).toThrow(
      expect.objectContaining({
        code: 'database.unwritable',
        message: expect.stringContaining('0 MiB free, an import needs 1 MiB'),
      }),
    );
  });
});
