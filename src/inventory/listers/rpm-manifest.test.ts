import { describe, expect, test } from 'vitest';
import { layerFileOf, listFile } from '../lister.contract.ts';
import { rpmManifestLister } from './rpm-manifest.ts';

const PATH = 'var/lib/rpmmanifest/container-manifest-2';

const list = (lines: readonly string[]) => listFile(rpmManifestLister, layerFileOf(PATH, `${lines.join('\n')}\n`));

describe('rpmManifestLister', () => {
  test('a line is a package', async () => {
    const { packages, problems } = await list([
      'filesystem\t1.1-20.azl3\t1709261562\t1708632513\tMicrosoft Corporation\t(none)\t6816\tx86_64\t0\tfilesystem-1.1-20.azl3.src.rpm',
      'prebuilt-ca-certificates\t1:3.0.0-7.azl3\t1709261562\t1708632513\tMicrosoft Corporation\t(none)\t1\tnoarch\t0\t(none)',
      'bind-libs\t9.19.21-1.azl3\t1709261562\t1708632513\t(none)\t32\t10\tx86_64\t32\tbind-9.19.21-1.azl3.src.rpm',
    ]);
    expect(problems).toEqual([]);
    expect(packages).toMatchObject([
      {
        name: 'filesystem',
        version: '1.1-20.azl3',
        versionScheme: 'rpm',
        type: 'rpm',
        arch: 'x86_64',
        source: { name: 'filesystem', version: '1.1-20.azl3' },
        properties: { vendor: 'Microsoft Corporation' },
      },
      { name: 'prebuilt-ca-certificates', arch: 'noarch' },
      { name: 'bind-libs', version: '32:9.19.21-1.azl3', source: { name: 'bind', version: '9.19.21-1.azl3' } },
    ]);
  });

  test('a line that is none is told', async () => {
    const { packages, problems } = await list(['only-a-name', 'a\t1-1\t\t\t\tx\t\t\ty\t', '']);
    expect(packages).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(['lister.incomplete-entry', 'lister.incomplete-entry']);
  });

  test('only that file is wanted', () => {
    const head = { mode: 0o644, sizeBytes: 1, head: Buffer.alloc(0) };
    expect(rpmManifestLister.wants({ path: PATH, ...head })).toBe(true);
    expect(rpmManifestLister.wants({ path: 'var/lib/rpmmanifest/container-manifest-1', ...head })).toBe(false);
  });
});
