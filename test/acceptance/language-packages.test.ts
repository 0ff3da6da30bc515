import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openImage } from '../../src/images/open-image.ts';
import { walkLayer } from '../../src/images/walk-layer.ts';
import { overlay } from '../../src/inventory/overlay.ts';
import type { Package } from '../../src/model/package.ts';
import { readLayers } from '../../src/scan/read-layers.ts';
import { takeInventory } from '../../src/scan/take-inventory.ts';
import { sharedData } from './shared-data.ts';

/** The language packages of real images against lists that were derived in another way. */

interface ExpectedPackage {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

const shared = sharedData();
const images = shared ? join(shared.un, 'images') : '';
const file = join(images, 'images/lang-app.oci-gzip.tar');

/** Types of which everything that the list names must be found, and nothing else. */
const TYPES = ['npm', 'cargo', 'pypi', 'gem', 'composer', 'maven', 'golang'];

/** Lockfiles of the image that the list leaves out. */
const NOT_IN_LIST = /^src\/(yarn|yarnberry|pnpm|poetry|pipenv|ruby|dotnet|go)\//;

function readExpected(path: string): readonly ExpectedPackage[] {
  return JSON.parse(readFileSync(join(images, 'expected', path), 'utf8'));
}

/** Each name and version once a file; of a distribution the list names the directory. */
function linesOf(packages: Iterable<ExpectedPackage>): readonly string[] {
  const lines = [...packages]
    .filter(({ type, path }) => TYPES.includes(type) && !NOT_IN_LIST.test(path))
    .map(({ type, name, version, path }) => `${type} ${name} ${version} ${path.replace(/\/(METADATA|PKG-INFO)$/, '')}`);
  return [...new Set(lines)].sort();
}

function placed(packages: readonly Package[]): readonly ExpectedPackage[] {
  return packages.map((it) => ({ ...it, path: it.locations[0]?.path ?? '' }));
}

describe.skipIf(!shared)('lang-app', () => {
  test('has the language packages of its list', async () => {
    const { packages } = await takeInventory(file);
    const expected = readExpected('lang-app.expected-language-packages.json');
    for (const type of TYPES) expect(expected.some((it) => it.type === type)).toBe(true);
    expect(linesOf(placed(packages))).toEqual(linesOf(expected));
  });

  test('has those of its first layers, before a later one upgrades and removes some', async () => {
    using image = await openImage(file);
    const requests = image.layers.slice(0, 2).map((source) => ({ source }));
    const listings = await readLayers(requests, { list: { verify: 'blobs' } });
    const { packages } = overlay(listings, 'squashed');
    const installed = packages.filter(({ path }) => path.endsWith('/package.json'));
    expect(linesOf(installed.map(({ package: it, path }) => ({ ...it, path })))).toEqual(
      linesOf(readExpected('lang-app.after-layer2.npm.json')),
    );
  });

  test('has what a plain reading of its other lockfiles finds', async () => {
    const { packages } = await takeInventory(file);
    const texts = await textsOf(file, Object.keys(PLAIN_READINGS));
    for (const [path, read] of Object.entries(PLAIN_READINGS)) {
      const listed = placed(packages).filter((it) => it.path === path);
      const plain = read(texts.get(path)!);
      expect(plain.length, path).toBeGreaterThan(5);
      expect(listed.map(({ name, version }) => `${name} ${version}`).sort(), path).toEqual([...new Set(plain)].sort());
    }
  });

  test('marks what is needed for development only', async () => {
    const { packages } = await takeInventory(file);
    const development = packages.filter(({ properties }) => properties?.development === 'true');
    const counts = new Map<string, number>();
    for (const { path } of placed(development)) counts.set(path, (counts.get(path) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual(DEVELOPMENT_COUNTS);
  });

  test('is read without a problem, but for archives that do not say what they are', async () => {
    const { problems } = await takeInventory(file);
    expect(problems).toMatchObject(
      ['opt/java/guice.jar', 'opt/java/log4j-1.2.jar'].map((path) => ({ code: 'lister.unidentified-archive', path })),
    );
  });
});

describe.skipIf(!shared)('debian-apt-languages', () => {
  const debian = join(images, 'images/debian-apt-languages.oci-gzip.tar');

  test('lists nothing twice: all packages of languages belong to packages of Debian', async () => {
    const { packages, problems } = await takeInventory(debian);
    expect(new Set(packages.map(({ type }) => type))).toEqual(new Set(['deb']));
    expect(problems).toEqual([]);
  });

  test('shows them, each with its owner, when they are asked for', async () => {
    const { packages } = await takeInventory(debian, { showOwned: true });
    const owned = placed(packages.filter(({ type }) => type !== 'deb'));
    const lines = new Set(linesOf(owned));
    const missing = linesOf(readExpected('debian-apt-languages.expected-language-packages.json')).filter(
      (line) => !lines.has(line),
    );
    expect(missing).toEqual([]);
    const names = new Set(packages.filter(({ type }) => type === 'deb').map(({ name }) => `deb/${name}`));
    for (const { filtered, properties } of packages.filter(({ type }) => type !== 'deb')) {
      expect(filtered).toMatch(/^owned by deb package /);
      expect(names).toContain(properties?.ownedBy);
    }
  });
});

/** How many packages of a lockfile only development needs. */
const DEVELOPMENT_COUNTS = {
  'src/pipenv/Pipfile.lock': 31,
  'src/pnpm/pnpm-lock.yaml': 3,
  'src/poetry/poetry.lock': 8,
  'srv/node/package-lock.json': 2,
};

/** Files of an image, the last of each path. */
async function textsOf(target: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  using image = await openImage(target);
  const texts = new Map<string, string>();
  for (const layer of image.layers)
    await walkLayer(layer, {
      verify: 'blobs',
      wants: ({ path }) => paths.includes(path),
      onFile: async (it) => void texts.set(it.path, await it.text()),
    });
  return texts;
}

/** Lockfiles read by a full parser or by one pattern: `name version` a package. */
const PLAIN_READINGS: Readonly<Record<string, (text: string) => readonly string[]>> = {
  'src/yarn/yarn.lock': (text) => allOf(text, /^"?(@?[^@\n]+)@.*:\n {2}version "(.*)"$/gm),
  'src/yarnberry/yarn.lock': (text) => allOf(text, /^ {2}version: (.*)\n {2}resolution: "(.*)@npm:.*"$/gm, [2, 1]),
  'src/pnpm/pnpm-lock.yaml': (text) =>
    Object.entries(parse(text).packages as Record<string, { version?: string }>)
      .map(([key, { version }]) => [key.slice(0, key.indexOf('@', 1)), version ?? key.slice(key.indexOf('@', 1) + 1)])
      .filter(([, version]) => version !== 'file:package1')
      .map((words) => words.join(' ')),
  'src/poetry/poetry.lock': (text) => allOf(text, /^\[\[package\]\]\nname = "(.*)"\nversion = "(.*)"$/gm),
  'src/pipenv/Pipfile.lock': (text) => {
    const { default: main, develop } = JSON.parse(text) as Record<string, Record<string, { version?: string }>>;
    return [main, develop].flatMap((group) =>
      Object.entries(group ?? {}).map(([name, { version }]) => `${name} ${version?.slice(2) ?? ''}`),
    );
  },
  'src/ruby/Gemfile.lock': (text) =>
    allOf(text.slice(0, text.indexOf('BAD-SECTION')), /^ {4}(\S+) \((\d[^-)]*)(?:-[^)]*)?\)$/gm),
};

function allOf(text: string, pattern: RegExp, [name, version] = [1, 2]): readonly string[] {
  return [...text.matchAll(pattern)].map((found) => `${found[name!]} ${found[version!]}`);
}
