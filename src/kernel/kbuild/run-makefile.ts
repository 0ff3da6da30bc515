import { normalizePath } from '../align-paths.ts';
import { UNKNOWN } from './make-functions.ts';
import type { MakeScope } from './make-scope.ts';
import { wordsOf } from './make-text.ts';
import type { Condition, Statement } from './makefile.ts';

/** `target: prerequisites`, expanded. */
export interface Rule {
  readonly targets: readonly string[];
  readonly prerequisites: readonly string[];
}

/** What running a makefile needs and gives besides variables. */
export interface Run {
  readonly scope: MakeScope;
  /** A makefile's statements; undefined where there is none. */
  readonly load: (path: string) => readonly Statement[] | undefined;
  readonly rules: Rule[];
}

interface Frame {
  active: boolean;
  isUnsure: boolean;
  /** A branch was surely taken: the others are not. */
  isDone: boolean;
}

const MAX_INCLUDE_DEPTH = 20;

/** Runs statements as make does. Where a condition rests on something unknown, all of its branches are run. */
export function runMakefile(statements: readonly Statement[], run: Run, depth = 0): void {
  const frames: Frame[] = [];
  for (const statement of statements) {
    if (statement.kind === 'if') frames.push(open(statement.test, frames, run.scope));
    else if (statement.kind === 'else') otherwise(statement.test, frames, run.scope);
    else if (statement.kind === 'endif') frames.pop();
    else if (frames.every(({ active }) => active)) {
      perform(statement, run, { depth, isUnsure: frames.some(({ isUnsure }) => isUnsure) });
    }
  }
}

function perform(statement: Statement, run: Run, at: { readonly depth: number; readonly isUnsure: boolean }): void {
  const { scope } = run;
  if (statement.kind === 'assign') {
    // `obj-$(CONFIG_X)` with an unknown X counts as `obj-y`.
    const name = scope
      .expand(statement.name)
      .replace(new RegExp(`${UNKNOWN}+`, 'g'), 'y')
      .trim();
    scope.assign(name, statement.operator, statement.value, at.isUnsure);
    if (statement.isExported) scope.export([name]);
  } else if (statement.kind === 'export') scope.export(wordsOf(scope.expand(statement.names)));
  else if (statement.kind === 'rule') {
    const targets = wordsOf(scope.expand(statement.targets)).map(normalizePath);
    const prerequisites = wordsOf(scope.expand(statement.prerequisites)).map(normalizePath);
    run.rules.push({ targets, prerequisites });
  } else if (statement.kind === 'include' && at.depth < MAX_INCLUDE_DEPTH) {
    for (const word of wordsOf(scope.expand(statement.files))) {
      // The top Makefile is where a run begins; included, it would begin again.
      const path = normalizePath(word);
      const included = path === 'Makefile' ? undefined : run.load(path);
      if (included) runMakefile(included, run, at.depth + 1);
    }
  }
}

function open(test: Condition, frames: readonly Frame[], scope: MakeScope): Frame {
  if (!frames.every(({ active }) => active)) return { active: false, isUnsure: false, isDone: true };
  const holds = judge(test, scope);
  return { active: holds !== false, isUnsure: holds === undefined, isDone: holds === true };
}

function otherwise(test: Condition | undefined, frames: Frame[], scope: MakeScope): void {
  const frame = frames.at(-1);
  if (!frame) return;
  if (frame.isDone) {
    frame.active = false;
    return;
  }
  const holds = test === undefined ? true : judge(test, scope);
  frame.active = holds !== false;
  frame.isUnsure ||= holds === undefined;
  frame.isDone = holds === true;
}

/** @returns undefined: it rests on something unknown. */
function judge({ name, left, right }: Condition, scope: MakeScope): boolean | undefined {
  const isNegated = name === 'ifneq' || name === 'ifndef';
  if (name === 'ifdef' || name === 'ifndef') {
    const text = scope.definition(scope.expand(left).trim());
    return text === UNKNOWN ? undefined : (text !== '') !== isNegated;
  }
  const [a, b] = [scope.expand(left).trim(), scope.expand(right).trim()];
  if (a.includes(UNKNOWN) || b.includes(UNKNOWN)) return undefined;
  return (unquoted(a) === unquoted(b)) !== isNegated;
}

/** Texts of symbols had their quotes in makefiles up to Linux 5.16: `ifeq ($(CONFIG_LIST),"")`. */
const unquoted = (text: string): string => text.replace(/^"(.*)"$/s, '$1');
