import { describe, expect, test } from 'vitest';
import { layerFileOf, listFile } from '../lister.contract.ts';
import type { PackageLister } from '../lister.ts';
import { dotnetDepsLister } from './dotnet-deps.ts';
import { nugetConfigLister } from './nuget-config.ts';
import { nugetLockLister } from './nuget-lock.ts';

async function briefly(lister: PackageLister, path: string, content: unknown) {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const { packages, problems } = await listFile(lister, layerFileOf(path, text));
  return {
    packages: packages.map(({ name, version }) => `${name} ${version}`),
    problems: problems.map(({ code }) => code),
  };
}

describe('deps.json', () => {
  const read = (libraries: unknown) => briefly(dotnetDepsLister, 'app.deps.json', { libraries });

  test('packages and runtime packs are listed, projects and assemblies are not', async () => {
    const libraries = {
      'app/1.0.0': { type: 'project' },
      'Newtonsoft.Json/12.0.3': { type: 'package' },
      'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.10': { type: 'runtimepack' },
      'System.Web/4.0.0.0': { type: 'referenceassembly' },
    };
    expect(await read(libraries)).toEqual({
      packages: ['Newtonsoft.Json 12.0.3', 'Microsoft.NETCore.App.Runtime.linux-x64 6.0.10'],
      problems: [],
    });
  });

  test('a key without a version is a problem', async () => {
    const packages = { a: { type: 'package' }, '/1': { type: 'package' }, 'b/1.0.0': { type: 'package' } };
    expect(await read(packages)).toEqual({
      packages: ['b 1.0.0'],
      problems: ['lister.incomplete-entry', 'lister.incomplete-entry'],
    });
  });

  test('what is of another kind holds none', async () =>
    expect(await read([1])).toEqual({ packages: [], problems: [] }));
});

describe('packages.lock.json', () => {
  test('every framework counts, each package once; projects do not', async () => {
    const dependencies = {
      net6: { A: { type: 'Direct', resolved: '1.0.0' }, p: { type: 'Project' } },
      net48: { A: { type: 'Transitive', resolved: '1.0.0' }, B: { type: 'CentralTransitive', resolved: '2.0.0' } },
    };
    expect(await briefly(nugetLockLister, 'packages.lock.json', { version: 1, dependencies })).toEqual({
      packages: ['A 1.0.0', 'B 2.0.0'],
      problems: [],
    });
  });

  for (const [path, isWanted] of [
    ['src/packages.lock.json', true],
    ['packages.app.lock.json', true],
    ['src/mypackages.lock.json', false],
    ['packages.json', false],
  ] as const) {
    test(`${path}: ${isWanted ? '' : 'not '}wanted`, () =>
      expect(nugetLockLister.wants(layerFileOf(path, ''))).toBe(isWanted));
  }
});

describe('packages.config', () => {
  test('what stands before broken XML is listed', async () => {
    const text = '<packages><package id="A" version="1.0"/><package version="2"/><packag';
    expect(await briefly(nugetConfigLister, 'packages.config', text)).toEqual({
      packages: ['A 1.0'],
      problems: ['lister.incomplete-entry', 'lister.malformed-file'],
    });
  });

  test('entities of its own are refused', async () => {
    const text = '<!DOCTYPE x [<!ENTITY a "aaaa">]><packages><package id="&a;" version="1"/></packages>';
    expect(await briefly(nugetConfigLister, 'packages.config', text)).toEqual({
      packages: [],
      problems: ['lister.malformed-file'],
    });
  });
});
