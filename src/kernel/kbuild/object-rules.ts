import { normalizePath } from '../align-paths.ts';
import type { Tree } from '../tree.ts';
import type { Condition } from './makefile.ts';
import type { Makefiles } from './makefiles.ts';

/** A list of a makefile that names an object or a folder, whatever the configuration. */
export interface NamedIn {
  readonly makefile: string;
  /** As written, with the conditions around it: `obj-$(CONFIG_NTFS3_FS)`. */
  readonly list: string;
}

/**
 * Which lists name which objects (`fs/ntfs3/file`) and folders (`fs/ntfs3/`). Plain data, fit for a cache.
 * What functions put together (`$(addprefix x/, …)`) may be missing: then nothing is known of it.
 */
export type ObjectRules = Readonly<Record<string, readonly NamedIn[]>>;

const OBJECT = /[\w.,/+-]+\.o(?![\w.])/g;
const FOLDER = /(?:^|[\s,])((?:[\w.+-]+\/)+)(?=[\s)]|$)/g;
/** `$(obj)/`, `$(src)/` and `$(srctree)/` before a name. */
const PLACES = /\$[({](?:obj|src|srctree|objtree)[)}]\//g;

/** Reads the lists of all makefiles without asking what they expand to. */
export function readObjectRules(makefiles: Makefiles, tree: Pick<Tree, 'has'>): ObjectRules {
  const rules: Record<string, NamedIn[]> = Object.create(null);
  for (const makefile of makefiles.paths()) {
    const folder = makefile.includes('/') ? makefile.slice(0, makefile.lastIndexOf('/') + 1) : '';
    const conditions: string[] = [];
    for (const statement of makefiles.statements(makefile) ?? []) {
      if (statement.kind === 'if') conditions.push(textOf(statement.test));
      else if (statement.kind === 'else') conditions.push(`not ${conditions.pop()}`);
      else if (statement.kind === 'endif') conditions.pop();
      if (statement.kind !== 'assign' && statement.kind !== 'rule') continue;
      const [list, text] =
        statement.kind === 'assign'
          ? [statement.name, statement.value]
          : [statement.targets, `${statement.targets} ${statement.prerequisites}`];
      const named = [list, ...conditions.filter((condition) => condition.includes('CONFIG_'))].join(' in ');
      for (const name of namesIn(text, folder, tree)) {
        rules[name] = [...(rules[name] ?? []), { makefile, list: named }];
      }
    }
  }
  return rules;
}

const textOf = ({ name, left, right }: Condition): string =>
  name.endsWith('def') ? `${name} ${left}` : `${name} (${left},${right})`;

/**
 * Objects without their ending, folders with their slash. A fragment that other makefiles include names them from where those lie:
 * the nearest folder above that has it is meant.
 */
function namesIn(text: string, folder: string, tree: Pick<Tree, 'has'>): Set<string> {
  const names = new Set<string>();
  const clean = text.replace(PLACES, '');
  const above = foldersAbove(folder);
  const hasSource = (stem: string): boolean => ['.c', '.S', '.rs'].some((ending) => tree.has(stem + ending));
  const hasMakefile = (path: string): boolean => ['Makefile', 'Kbuild'].some((file) => tree.has(`${path}/${file}`));
  for (const [object] of clean.matchAll(OBJECT)) {
    const stem = object.slice(0, -2);
    names.add(normalizePath(folder + stem));
    const elsewhere = [folder, ...above].map((place) => normalizePath(place + stem)).find(hasSource);
    if (elsewhere !== undefined) names.add(elsewhere);
  }
  for (const [, name = ''] of clean.matchAll(FOLDER)) {
    const below = [folder, ...above].map((place) => normalizePath(place + name)).find(hasMakefile);
    if (below !== undefined) names.add(`${below}/`);
  }
  return names;
}

/** `a/b/c/` has `a/b/`, `a/` and `` above it. */
function foldersAbove(folder: string): string[] {
  const above: string[] = [];
  for (let place = folder; place !== ''; ) {
    place = place.replace(/[^/]*\/$/, '');
    above.push(place);
  }
  return above;
}

/** How a file that is not compiled hangs together with the symbols of a configuration. */
export interface Guard {
  /** `fs/ntfs3/file.c <- ntfs3-y (fs/ntfs3/Makefile) <- obj-$(CONFIG_NTFS3_FS) (fs/Makefile)`. */
  readonly chain: string;
  /** Names of symbols in the chain, without `CONFIG_`. */
  readonly symbols: readonly string[];
}

const MAX_CHAIN = 12;

/** Whether a makefile names the file's object. */
export function isNamed(rules: ObjectRules, path: string): boolean {
  return stemIn(rules, path) !== undefined;
}

/** The first chain from a source file up to where nothing guards it. */
export function guardOf(rules: ObjectRules, path: string, isUnset: (symbol: string) => boolean): Guard {
  const parts = [path];
  const symbols = new Set<string>();
  const seen = new Set<string>();
  let name = stemIn(rules, path);
  while (name !== undefined && !seen.has(name) && parts.length < MAX_CHAIN) {
    seen.add(name);
    const all = rules[name] ?? [];
    const by = all.find(({ list }) => symbolsIn(list).some(isUnset)) ?? all[0];
    if (by) {
      parts.push(`${by.list} (${by.makefile})`);
      for (const symbol of symbolsIn(by.list)) symbols.add(symbol);
    }
    name = parentOf(name, by);
  }
  return { chain: parts.join(' <- '), symbols: [...symbols].filter(isUnset) };
}

/** A member hangs on its composite, an object and a folder on the folder that holds them. */
function parentOf(name: string, by: NamedIn | undefined): string | undefined {
  const folder = name.replace(/[^/]*\/?$/, '');
  const composite = by && /^([\w.+-]+)-(?:y|m|objs|\$\S+)(?: |$)/.exec(by.list)?.[1];
  if (composite !== undefined && !['obj', 'lib', 'extra', 'subdir', 'always'].includes(composite)) {
    return `${by?.makefile.replace(/[^/]*$/, '')}${composite}`;
  }
  return folder === '' ? undefined : folder;
}

function stemIn(rules: ObjectRules, path: string): string | undefined {
  const stem = path.replace(/\.[^./]+$/, '');
  return stem in rules ? stem : undefined;
}

function symbolsIn(text: string): string[] {
  return [...text.matchAll(/\bCONFIG_(\w+)/g)].map(([, symbol = '']) => symbol);
}
