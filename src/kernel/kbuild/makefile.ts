import { closingBracket } from './make-text.ts';

/** One statement of a makefile, its text not expanded yet. */
export type Statement =
  | { readonly kind: 'if'; readonly test: Condition }
  | { readonly kind: 'else'; readonly test?: Condition }
  | { readonly kind: 'endif' }
  | Assignment
  | { readonly kind: 'include'; readonly files: string }
  | { readonly kind: 'export'; readonly names: string }
  | {
      readonly kind: 'rule';
      readonly targets: string;
      readonly prerequisites: string;
      readonly recipe: readonly string[];
    }
  | { readonly kind: 'text'; readonly text: string };

/** `ifeq (a,b)` and its kin. */
export interface Condition {
  readonly name: 'ifeq' | 'ifneq' | 'ifdef' | 'ifndef';
  readonly left: string;
  /** `` for `ifdef` and `ifndef`. */
  readonly right: string;
}

/** `name op value`; `define` counts as `=`. */
export interface Assignment {
  readonly kind: 'assign';
  readonly name: string;
  readonly operator: '=' | ':=' | '+=' | '?=';
  readonly value: string;
  readonly isExported: boolean;
}

/**
 * Reads a makefile as far as Kbuild needs it: lines are joined, comments dropped, recipes kept with their rule.
 * A line that begins with a tab is a recipe only behind a rule, as make has it.
 * Source: GNU make manual, chapters 3, 5, 6, 7.
 */
export function parseMakefile(text: string): readonly Statement[] {
  const statements: Statement[] = [];
  const lines = text.replace(/\r\n/g, '\n').split('\n');
  let recipe: string[] | undefined;
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at] as string;
    while (/(^|[^\\])(\\\\)*\\$/.test(line) && at + 1 < lines.length) {
      line = `${line.slice(0, -1).trimEnd()} ${(lines[++at] as string).trimStart()}`;
    }
    if (line.startsWith('\t') && recipe !== undefined) {
      recipe.push(line.slice(1));
      continue;
    }
    const clean = withoutComment(line).trim();
    if (clean === '') continue;
    const [, name] = /^(?:override\s+|export\s+)*define\s+(\S+)/.exec(clean) ?? [];
    if (name !== undefined) {
      const end = endOfDefine(lines, at + 1);
      const value = lines.slice(at + 1, end).join('\n');
      statements.push({ kind: 'assign', name, operator: '=', value, isExported: false });
      at = end;
      recipe = undefined;
      continue;
    }
    const statement = readStatement(clean);
    if (statement.kind === 'rule') recipe = statement.recipe as string[];
    else if (!['if', 'else', 'endif'].includes(statement.kind)) recipe = undefined;
    statements.push(statement);
  }
  return statements;
}

function endOfDefine(lines: readonly string[], from: number): number {
  let depth = 1;
  for (let at = from; at < lines.length; at++) {
    if (/^\s*define\s/.test(lines[at] as string)) depth++;
    if (/^\s*endef\b/.test(lines[at] as string) && --depth === 0) return at;
  }
  return lines.length;
}

function readStatement(line: string): Statement {
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
  const [, directive = ''] = /^(ifn?eq|ifn?def|else|endif|-?include|sinclude)(?![\w-])/.exec(word) ?? [];
  const after = line.slice(directive.length).trim();
  if (directive.startsWith('if')) return { kind: 'if', test: readCondition(directive as Condition['name'], after) };
  if (directive === 'endif') return { kind: 'endif' };
  if (directive === 'else') {
    const [, name, test = ''] = /^(ifn?eq|ifn?def)\b\s*(.*)$/s.exec(after) ?? [];
    return name === undefined
      ? { kind: 'else' }
      : { kind: 'else', test: readCondition(name as Condition['name'], test) };
  }
  if (directive !== '' && !/^\s*[:+?]?=/.test(after)) return { kind: 'include', files: after };
  if (['export', 'override', 'unexport', 'private'].includes(word) && !/^[:+?]?=/.test(rest)) {
    const assigned = readAssignment(rest);
    if (assigned) return { ...assigned, isExported: assigned.isExported || word === 'export' };
    return word === 'export' ? { kind: 'export', names: rest } : { kind: 'text', text: '' };
  }
  return readAssignment(line) ?? readRule(line);
}

function readCondition(name: Condition['name'], text: string): Condition {
  if (name === 'ifdef' || name === 'ifndef') return { name, left: text, right: '' };
  if (text.startsWith('(')) {
    const end = closingBracket(text, 0);
    const inner = text.slice(1, end < 0 ? undefined : end);
    const comma = outside(inner, (sign) => sign === ',');
    return comma < 0
      ? { name, left: inner.trim(), right: '' }
      : { name, left: inner.slice(0, comma).trim(), right: inner.slice(comma + 1).trim() };
  }
  const [, , left = '', , right = ''] = /^(["'])(.*?)\1\s*(["'])(.*?)\3/s.exec(text) ?? [];
  return { name, left, right };
}

/** The left side is scanned with its brackets: `obj-$(subst y,$(A),$(B)) += x.o`, `x-$(B:m=y) += y.o`. */
function readAssignment(line: string): Assignment | undefined {
  const at = outside(line, (sign, next) => sign === '=' || (sign === ':' && next !== '=' && next !== ':'));
  if (at < 0 || line[at] !== '=') return undefined;
  const [, name = '', sign = ''] = /^(.*?)\s*([+?!]|:{0,3})$/s.exec(line.slice(0, at)) ?? [];
  if (name === '' || outside(name, (character) => /\s/.test(character)) >= 0) return undefined;
  const operator = sign === '+' ? '+=' : sign === '?' ? '?=' : sign.startsWith(':') ? ':=' : '=';
  return { kind: 'assign', name, operator, value: line.slice(at + 1).trim(), isExported: false };
}

function readRule(line: string): Statement {
  const colon = outside(line, (sign) => sign === ':');
  if (colon < 0) return { kind: 'text', text: line };
  const targets = line.slice(0, colon).trim();
  const prerequisites = line.slice(colon + 1).replace(/^:/, '');
  // A variable of one target (`x.o: CFLAGS += -g`) is no rule.
  if (/^\s*(private\s+)?[\w.-]+\s*[:+?]?=/.test(prerequisites)) return { kind: 'text', text: '' };
  const [list = '', ...commands] = prerequisites.split(';');
  return { kind: 'rule', targets, prerequisites: list.trim(), recipe: commands.length ? [commands.join(';')] : [] };
}

function withoutComment(line: string): string {
  if (!line.includes('#')) return line;
  const at = outside(line, (sign, _next, before) => sign === '#' && before !== '\\');
  return (at < 0 ? line : line.slice(0, at)).replaceAll('\\#', '#');
}

/** Where a sign stands outside all `$(…)` and `${…}`; -1 if nowhere. */
function outside(text: string, wanted: (sign: string, next: string, before: string) => boolean): number {
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    if (sign === '$' && (text[at + 1] === '(' || text[at + 1] === '{')) {
      const end = closingBracket(text, at + 1);
      if (end < 0) return -1;
      at = end;
    } else if (wanted(sign, text[at + 1] ?? '', text[at - 1] ?? '')) return at;
  }
  return -1;
}
