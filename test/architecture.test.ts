import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

/**
 * Holds the house against its plan: ARCHITECTURE.md names the folders and what each may import; the budgets say how long a file
 * and a function may be.
 */

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;

/** The honest answer to "where is it ugly": a path (or `path:function`), and why it may be longer. */
const LONGER: Readonly<Record<string, string>> = {};

/** Folders whose files are plugins, and what in them is none. */
const PLUGIN_FOLDERS = [
  'assessing/assessors',
  'feeds/updaters',
  'inventory/detectors',
  'inventory/listers',
  'inventory/readers',

  'images/sources',
  'reports/formats',
  'reports/inventory-formats',
  'server/notifiers',
];

interface Module {
  /** Relative to src. */
  readonly path: string;
  readonly folder: string;
  readonly lines: number;
  readonly imports: readonly { readonly from: string; readonly isType: boolean }[];
  readonly functions: readonly { readonly name: string; readonly lines: number }[];
  readonly text: string;
}

const modules = globSync('**/*.ts', { cwd: src })
  .filter((file) => !/\.(test|contract)\.ts$|(^|\/)fixtures\//.test(file))
  .sort()
  .map(readModule);

const plan = readPlan();

describe('folders', () => {
  test('src holds the folders that ARCHITECTURE.md lists', () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).sort()).toEqual([...plan.keys()].sort());
  });

  test('nothing lies in src itself', () => {
    expect(modules.filter(({ path }) => !path.includes('/')).map(({ path }) => path)).toEqual([]);
  });
});

describe('imports', () => {
  test('go only where ARCHITECTURE.md says', () => {
    const wrong = modules.flatMap((module) =>
      module.imports
        .filter(({ from }) => from.startsWith('.') && !from.endsWith('/package.json'))
        .map((edge) => ({ ...edge, target: relative(src, resolve(src, dirname(module.path), edge.from)) }))
        .filter(({ target, isType }) => !isAllowed(module.folder, target.split('/')[0]!, isType))
        .map(({ target }) => `${module.path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('have no cycles', () => {
    expect(findCycle()).toEqual([]);
  });

  test('of plugins reach no disk, network, process or other plugin', () => {
    const wrong = modules
      .filter(({ path }) => isPlugin(path))
      .flatMap(({ path, imports, text }) => [
        ...imports
          .filter(
            ({ from, isType }) =>
              !isType && /^node:(fs|net|http|https|child_process|sqlite|worker_threads|process)/.test(from),
          )
          .map(({ from }) => `${path} imports ${from}`),
        ...imports
          .filter(({ from, isType }) => !isType && /^\.\/[a-z0-9-]+\.ts$/.test(from))
          .map(({ from }) => `${path} imports the plugin ${from}`),
        ...(/\bprocess\.(env|argv|stdout|stderr|exit|cwd)\b/.test(text) ? [`${path} uses process`] : []),
      ]);
    // Sources are the plugins that open what the user named: they get the file functions of the platform handed in by import.
    expect(wrong.filter((line) => !line.startsWith('images/sources/'))).toEqual([]);
  });
});

describe('budgets', () => {
  test(`no file is longer than ${MAX_FILE_LINES} lines`, () => {
    const long = modules.filter(({ path, lines }) => lines > MAX_FILE_LINES && !(path in LONGER));
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });

  test(`no function is longer than ${MAX_FUNCTION_LINES} lines`, () => {
    const long = modules.flatMap(({ path, functions }) =>
      functions
        .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
        .map(({ name, lines }) => ({ key: `${path}:${name}`, lines }))
        .filter(({ key }) => !(key in LONGER)),
    );
    expect(long.map(({ key, lines }) => `${key}: ${lines}`)).toEqual([]);
  });

  test('every listed exception still exists', () => {
    const known = new Set(
      modules.flatMap(({ path, functions }) => [path, ...functions.map(({ name }) => `${path}:${name}`)]),
    );
    expect(Object.keys(LONGER).filter((key) => !known.has(key))).toEqual([]);
  });
});

describe('registries', () => {
  for (const folder of PLUGIN_FOLDERS) {
    const registry = modules.find(({ path }) => path === `${folder}/registry.ts`);
    test.skipIf(!registry)(`every file of ${folder} is one registered plugin of the same name`, async () => {
      const exported: Record<string, unknown> = await import(join(src, registry!.path));
      const plugins = Object.values(exported).find((value): value is { name: string }[] => Array.isArray(value));
      const files = modules
        .filter(({ path }) => isPlugin(path) && dirname(path) === folder)
        .map(({ path }) => basename(path, '.ts'));
      expect(plugins?.map(({ name }) => name.replaceAll('_', '-')).sort()).toEqual(
        files.map((name) => name.replaceAll('_', '-')).sort(),
      );
    });
  }
});

describe('words', () => {
  test("peers' words stay at the edges", () => {
    const edges = /^(wire|server|cli)\/|^inventory\/readers\/|^assessing\/|^reports\/formats\//;
    const wrong = modules
      .filter(({ path }) => !edges.test(path))
      .flatMap(({ path, text }) =>
        [
          ...withoutComments(text).matchAll(
            /\b(ancestry|featureVersion|featurefmt|featurens|vulnsrc|cataloger|distroName)\b/gi,
          ),
        ].map(([word]) => `${path}: ${word}`),
      );
    expect(wrong).toEqual([]);
  });

  test('no file or folder is called utils, helpers, common, manager, service', () => {
    expect(
      modules
        .filter(({ path }) => /(^|[/-])(utils?|helpers?|common|manager|service)([./-]|$)/.test(path))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});

/** Folder -> folders it may import, from the table of ARCHITECTURE.md. `everything` and `types of X` are understood. */
function readPlan(): Map<string, readonly string[]> {
  const rows = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(/^\| `([a-z]+)\/` \| .* \| ([^|]*) \|$/gm);
  return new Map(
    [...rows].map(([, folder, allowed]) => [folder!, allowed!.split(/[,;] ?/).map((word) => word.trim())]),
  );
}

function isAllowed(from: string, to: string, isType: boolean): boolean {
  const allowed = plan.get(from) ?? [];
  return (
    from === to ||
    allowed.includes('everything') ||
    allowed.includes(to) ||
    (isType && allowed.includes(`types of ${to}`))
  );
}

function isPlugin(path: string): boolean {
  return PLUGIN_FOLDERS.includes(dirname(path)) && basename(path) !== 'registry.ts';
}

/** The first cycle of value imports, as a path; empty when there is none. */
function findCycle(): readonly string[] {
  const edges = new Map(
    modules.map((module) => [
      module.path,
      module.imports
        .filter(({ from, isType }) => from.startsWith('.') && !isType)
        .map(({ from }) => relative(src, resolve(src, dirname(module.path), from))),
    ]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of edges.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of edges.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function readModule(path: string): Module {
  const text = readFileSync(join(src, path), 'utf8');
  const { module, program } = parseSync(path, text);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const functions: { name: string; lines: number }[] = [];
  visitFunctions(program, '', (name, start, end) => functions.push({ name, lines: lineOf(end) - lineOf(start) + 1 }));
  return {
    path,
    folder: path.split('/')[0]!,
    lines: text.split('\n').length - 1,
    imports: [
      ...module.staticImports.map(({ moduleRequest, entries }) => ({
        from: moduleRequest.value,
        isType: entries.length > 0 && entries.every(({ isType }) => isType),
      })),
      ...module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ moduleRequest, isType }) => (moduleRequest ? [{ from: moduleRequest.value, isType }] : [])),
      ),
    ],
    functions,
    text,
  };
}

/** Calls back for each function, with the nearest name; a function that only holds others (a factory) counts as one too. */
function visitFunctions(node: unknown, name: string, found: (name: string, start: number, end: number) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) visitFunctions(item, name, found);
    return;
  }
  const { type, start, end, id, key } = node as {
    type?: string;
    start?: number;
    end?: number;
    id?: { name?: string } | null;
    key?: { name?: string };
  };
  const own = id?.name ?? key?.name ?? name;
  if (type !== undefined && /Function/.test(type) && !type.startsWith('TS') && start !== undefined && end !== undefined)
    found(own, start, end);
  for (const value of Object.values(node)) visitFunctions(value, own, found);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}
