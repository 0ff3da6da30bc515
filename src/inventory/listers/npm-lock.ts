import { asFields, asNumber, asText, type JsonFields } from '../../platform/json-values.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { isBelow, readJsonLockfile } from '../lockfile.ts';

/**
 * Lists the packages of npm's lockfiles, of all three versions.
 *
 * Version 1 has a tree of `dependencies` by name; 3 has flat `packages` by place (`node_modules/a/node_modules/@b/c`); 2 has
 * both, of which `packages` says more. The project itself and its workspaces (places outside of `node_modules`, and the links to
 * them) are no dependencies. What is only needed for development (`dev`) is marked; a lockfile that a package brought along below
 * `node_modules` says what its author used, and is passed over.
 * Source: https://docs.npmjs.com/cli/configuring-npm/package-lock-json.
 */
export const npmLockLister: PackageLister = {
  name: 'npm-lock',
  version: 1,
  fileNames: ['package-lock.json', 'npm-shrinkwrap.json'],
  wants: ({ path }) => !isBelow(path, 'node_modules'),

  async *list(file, { problem }) {
    const lock = await readJsonLockfile(file, problem);
    if (lock === undefined) return;
    const version = asNumber(lock.lockfileVersion) ?? 1;
    if (version > 3) {
      const message = `version ${version} of the lockfile is not known; read as version 3`;
      problem({ code: 'lister.unknown-version', message, path: file.path });
    }
    yield* languagePackages('npm', 'packages' in lock ? placesOf(asFields(lock.packages)) : treeOf(lock));
  },
};

function* placesOf(packages: JsonFields): Generator<LanguagePackage> {
  for (const [place, value] of Object.entries(packages)) {
    const entry = asFields(value);
    const start = place.lastIndexOf('node_modules/');
    if (start < 0 || entry.link === true) continue;
    // An alias has the real name beside it.
    const name = asText(entry.name) ?? place.slice(start + 'node_modules/'.length);
    if (name !== '') yield { name, version: asText(entry.version) ?? '', isDevelopment: entry.dev === true };
  }
}

/** Not recursive: a hostile tree may be of any depth. */
function* treeOf(lock: JsonFields): Generator<LanguagePackage> {
  const pending = [lock];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    for (const [name, value] of Object.entries(asFields(parent.dependencies))) {
      const entry = asFields(value);
      if (name !== '') yield { ...readTreeEntry(name, asText(entry.version) ?? ''), isDevelopment: entry.dev === true };
      if (entry.dependencies !== undefined) pending.push(entry);
    }
  }
}

/** A version is `1.2.3`, an alias (`npm:real@1.2.3`), or a place (git, a tarball, a directory), which states none. */
function readTreeEntry(name: string, version: string): LanguagePackage {
  const [, realName, realVersion] = /^npm:(@?[^@]+)@(.*)$/.exec(version) ?? [];
  if (realName !== undefined && realVersion !== undefined) return { name: realName, version: realVersion };
  return { name, version: /^[vV=]?\d/.test(version) ? version : '' };
}
