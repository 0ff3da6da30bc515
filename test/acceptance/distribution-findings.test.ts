import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  alpineConcerns,
  type Concerns,
  debianConcerns,
  type ExpectedPackage,
  ubuntuConcerns,
} from './oracle/distribution-oracle.ts';
import { type ReportedScan, scanReport, sourceNames } from './oracle/scan-report.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();

interface ImageEntry {
  readonly file: string;
  readonly distro: string;
  readonly packageCount: number;
  readonly expected: string;
}

const CODENAMES: Readonly<Record<string, string>> = { 12: 'bookworm' };

/** The images of the set that have packages of Debian, Ubuntu or Alpine. */
const images: readonly ImageEntry[] = shared
  ? (JSON.parse(readFileSync(join(shared.un, 'images/manifest.json'), 'utf8')) as ImageEntry[]).filter(
      ({ distro, packageCount }) => /^(debian|ubuntu|alpine) /.test(distro) && packageCount > 0,
    )
  : [];

describe.skipIf(!shared)('findings equal those of a second reading of the raw feeds', () => {
  let database = '';
  beforeAll(() => {
    database = advisoryDatabase();
  });

  for (const image of images) {
    test(image.file, () => {
      const expected = concernsOf(image);
      const report = scanReport(join(shared!.un, 'images', image.file), database);
      expect(concernsFound(report)).toEqual(underCanonicalIds(expected, report));
    });
  }

  test('the set is not empty where the feeds speak of the release', () => {
    const counts = new Map(images.map((image) => [image.distro, concernsOf(image).length]));
    expect([...counts].filter(([, count]) => count === 0).map(([distro]) => distro)).toEqual([
      'alpine 3.6.5',
      // The tracker of the mirror is older than this release.
      'ubuntu noble',
    ]);
  });
});

const known = new Map<string, Concerns>();

/** Read once for all images of the same packages. */
function concernsOf(image: ImageEntry): Concerns {
  const concerns = known.get(image.expected) ?? readConcerns(image);
  known.set(image.expected, concerns);
  return concerns;
}

function readConcerns({ distro, expected }: ImageEntry): Concerns {
  const [family, version = ''] = distro.split(' ');
  const packages = JSON.parse(readFileSync(join(shared!.un, 'images', expected), 'utf8')) as ExpectedPackage[];
  if (family === 'debian') return debianConcerns(shared!.mirror, CODENAMES[version] ?? version, packages);
  if (family === 'ubuntu') return ubuntuConcerns(shared!.mirror, version, packages);
  return alpineConcerns(shared!.mirror, `v${version.split('.').slice(0, 2).join('.')}`, packages);
}

function concernsFound(report: ReportedScan): Concerns {
  const sources = sourceNames(report);
  const found = report.findings.map(({ vulnerability, packageId }) => `${vulnerability.id} ${sources.get(packageId)}`);
  return [...new Set(found)].sort();
}

/** The program names a vulnerability by the CVE of its aliases. */
function underCanonicalIds(concerns: Concerns, { vulnerabilities }: ReportedScan): Concerns {
  const canonical = new Map(vulnerabilities.flatMap(({ id, aliases }) => aliases.map((alias) => [alias, id])));
  const renamed = concerns.map((concern) => {
    const [id = '', source] = concern.split(' ');
    return `${canonical.get(id) ?? id} ${source}`;
  });
  return [...new Set(renamed)].sort();
}
