import assert from 'node:assert/strict';
import type { LayerFile } from '../model/layer.ts';
import type { ListedPackage } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';
import { candidateListers } from './candidate-listers.ts';
import type { Listed, OwnedPaths, PackageLister } from './lister.ts';

/** A promise of a family's contract, held against one plugin. Rejects with an assertion that says what was broken. */
export interface ContractCheck {
  readonly name: string;
  check(): Promise<void>;
}

/** What a lister is tried with: files of an image, and what it is to list from them in their order. */
export interface ListerFixture {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly expected: readonly ListedPackage[];
}

/** A layer file whose bytes are at hand. @param mode permission bits (default: those of a program, which other files may have too). */
export function layerFileOf(path: string, content: Uint8Array | string, mode = 0o755): LayerFile {
  const bytes = Buffer.from(content as Uint8Array);
  return {
    path,
    realPath: path,
    mode,
    sizeBytes: bytes.length,
    head: bytes.subarray(0, 64),
    bytes: async () => bytes,
    text: async () => bytes.toString('utf8'),
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** What a lister makes of one file. */
export async function listFile(lister: PackageLister, file: LayerFile) {
  const listed: Listed[] = [];
  const problems: Problem[] = [];
  for await (const item of lister.list(file, { problem: (it) => problems.push(it), wantsOwnedPaths: true }))
    listed.push(item);
  const packages = listed.filter((item): item is ListedPackage => 'name' in item);
  const ownedPaths = listed.filter((item): item is OwnedPaths => 'owner' in item);
  return { packages, ownedPaths, problems };
}

/** Rejects unless the lister takes these bytes, whatever they are: it ends, and what it yields has the form that it promises. */
export async function checkBytes(lister: PackageLister, path: string, bytes: Uint8Array): Promise<void> {
  const { packages, ownedPaths, problems } = await listFile(lister, layerFileOf(path, bytes));
  for (const { name, version, versionScheme, type } of packages) {
    assert.notEqual(name, '', 'a package has a name');
    assert.equal(typeof version, 'string', 'a version is text');
    assert.match(versionScheme, /^[a-z0-9]+$/, 'a version scheme is named');
    assert.match(type, /^[a-z0-9]+$/, 'a purl type is named');
  }
  for (const { ownedPaths: paths } of ownedPaths)
    assert.ok(!paths.some((owned) => owned.startsWith('/')), 'owned paths have no leading slash');
  for (const { code, message } of problems) {
    assert.match(code, /^lister\.[a-z-]+$/, 'a problem has a code of the family');
    assert.notEqual(message, '', 'a problem says what is wrong');
  }
}

/** The contract of listers, as plain functions: our own tests run them over the registry, users run them over plugins of their own. */
export function listerContract(lister: PackageLister, { files, expected }: ListerFixture): readonly ContractCheck[] {
  return [
    {
      name: 'it has a name and a version',
      check: async () => {
        assert.match(lister.name, /^[a-z][a-z0-9-]*$/);
        assert.ok(Number.isInteger(lister.version) && lister.version > 0);
      },
    },
    {
      name: 'it wants the files of its fixture, and not every file',
      check: async () => {
        const wants = (path: string) => {
          const file = layerFileOf(path, files.get(path) ?? '');
          const isAsked = candidateListers([lister])(path).length > 0;
          return isAsked && (lister.wants(file) || (lister.wantsForOwnedPaths?.(file) ?? false));
        };
        for (const path of files.keys()) assert.ok(wants(path), `it wants ${path}`);
        for (const path of ['', 'etc/passwd', 'x/../y', 'usr/bin/true'])
          assert.ok(!wants(path), `it does not want ${path}`);
      },
    },
    {
      name: 'it lists the packages of its fixture, and the same every time',
      check: async () => {
        for (const _ of ['once', 'again']) {
          const packages: ListedPackage[] = [];
          for (const [path, bytes] of files)
            packages.push(...(await listFile(lister, layerFileOf(path, bytes))).packages);
          assert.deepEqual(packages, expected);
        }
      },
    },
    {
      name: 'it survives its fixture cut at any place',
      check: async () => {
        for (const [path, bytes] of files) {
          const step = Math.max(1, Math.ceil(bytes.length / 64));
          for (let end = 0; end < bytes.length; end += step) await checkBytes(lister, path, bytes.subarray(0, end));
        }
      },
    },
  ];
}
