import { ScannerError } from '../../model/errors.ts';
import { FLAG_FUNCTIONS, type MakeFiles, TEXT_FUNCTIONS, UNKNOWN } from './make-functions.ts';
import { closingBracket, splitArguments, substitutePattern, wordsOf } from './make-text.ts';

interface Variable {
  text: string;
  /** Expanded when it is used, not when it is set (`=`). */
  readonly isRecursive: boolean;
}

/** Where a variable is looked for outside the makefile: symbols, the environment; undefined where it is not set. */
export type Surroundings = (name: string) => string | undefined;

/** How much expanding may cost. Going above is `kernel.limit-exceeded`; Linux needs 2 million steps, 300 kB and a depth of 30. */
export interface MakeLimits {
  readonly maxSteps: number;
  readonly maxTextChars: number;
  readonly maxDepth: number;
}

export const DEFAULT_MAKE_LIMITS: MakeLimits = { maxSteps: 50_000_000, maxTextChars: 16 << 20, maxDepth: 200 };

/** Counts the steps of one evaluation, over all of its makefiles. */
export interface StepCount {
  steps: number;
  readonly limits: MakeLimits;
}

/** The variables of one run of make. */
export class MakeScope {
  readonly #variables = new Map<string, Variable>();
  readonly #exported = new Set<string>();
  readonly #constants: ReadonlyMap<string, string>;
  readonly #surroundings: Surroundings;
  readonly #files: MakeFiles;
  readonly #count: StepCount;
  #isAllExported = false;
  #depth = 0;

  /** @param constants what no makefile may change: `srctree`, `obj` … */
  constructor(
    constants: Readonly<Record<string, string>>,
    around: { readonly surroundings: Surroundings; readonly files: MakeFiles; readonly count: StepCount },
  ) {
    this.#constants = new Map(Object.entries(constants));
    this.#surroundings = around.surroundings;
    this.#files = around.files;
    this.#count = around.count;
  }

  value(name: string): string {
    const constant = this.#constants.get(name);
    if (constant !== undefined) return constant;
    const variable = this.#variables.get(name);
    if (variable === undefined) return this.#surroundings(name) ?? '';
    return variable.isRecursive ? this.expand(variable.text) : variable.text;
  }

  /** Whether `ifdef` holds: the text counts, not what it expands to. */
  definition(name: string): string {
    return this.#constants.get(name) ?? this.#variables.get(name)?.text ?? this.#surroundings(name) ?? '';
  }

  /** What a child make gets from this one. */
  exportedValue(name: string): string | undefined {
    if (!this.#isAllExported && !this.#exported.has(name)) return undefined;
    return this.#variables.has(name) || this.#constants.has(name) ? this.value(name) : undefined;
  }

  /** @param names all variables when there is none. */
  export(names: readonly string[]): void {
    if (names.length === 0) this.#isAllExported = true;
    for (const name of names) this.#exported.add(name);
  }

  /**
   * @param isUnsure the assignment may not happen: the former value stays beside the new one.
   */
  assign(name: string, operator: '=' | ':=' | '+=' | '?=', value: string, isUnsure = false): void {
    const former = this.#variables.get(name);
    if (operator === '?=' && !isUnsure && (former !== undefined || this.#surroundings(name) !== undefined)) return;
    const adds = operator === '+=' || (isUnsure && former !== undefined);
    if (!adds) {
      const isRecursive = operator !== ':=';
      this.#variables.set(name, { text: isRecursive ? value : this.expand(value), isRecursive });
      return;
    }
    const base = former ?? { text: this.#surroundings(name) ?? '', isRecursive: true };
    const added = base.isRecursive && operator !== ':=' ? value : this.expand(value);
    const text = base.text === '' ? added : `${base.text} ${added}`;
    this.#refuseLong(text);
    this.#variables.set(name, { text, isRecursive: base.isRecursive });
  }

  /** @throws ScannerError `kernel.limit-exceeded`. */
  expand(text: string): string {
    if (!text.includes('$')) return text;
    const { limits } = this.#count;
    // A variable that names itself: make refuses it, so nothing can be known of it.
    if (this.#depth >= limits.maxDepth) return UNKNOWN;
    this.#depth++;
    try {
      return this.#expandAll(text);
    } finally {
      this.#depth--;
    }
  }

  #expandAll(text: string): string {
    let result = '';
    let from = 0;
    for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', from)) {
      this.#step();
      result += text.slice(from, at);
      const sign = text[at + 1] ?? '';
      if (sign === '(' || sign === '{') {
        const end = closingBracket(text, at + 1);
        if (end < 0) return result + UNKNOWN;
        result += this.#reference(text.slice(at + 2, end));
        from = end + 1;
      } else {
        result += sign === '$' ? '$' : this.value(sign);
        from = at + 2;
      }
      this.#refuseLong(result);
    }
    return result + text.slice(from);
  }

  #reference(inner: string): string {
    const [, name = '', rest = ''] = /^([a-z-]+)[ \t\n]+(.*)$/s.exec(inner) ?? [];
    if (name !== '') {
      const known = TEXT_FUNCTIONS[name];
      if (known) {
        const parts = splitArguments(rest, known[0]).map((part) => this.expand(part));
        return known[1](parts, this.#files);
      }
      const answer = this.#control(name, rest);
      if (answer !== undefined) return answer;
    }
    const [, variable, from = '', to = ''] = /^((?:[^:$]|\$[({][^(){}$]*[)}])+):([^=]*)=(.*)$/s.exec(inner) ?? [];
    if (variable !== undefined) {
      const pattern = this.expand(from);
      const replacement = this.expand(to);
      const value = this.value(this.expand(variable));
      return pattern.includes('%')
        ? substitutePattern(value, pattern, replacement)
        : substitutePattern(value, `%${pattern}`, `%${replacement}`);
    }
    return this.value(this.expand(inner));
  }

  /** Functions that decide themselves what is expanded; undefined: there is no such function. */
  #control(name: string, rest: string): string | undefined {
    switch (name) {
      case 'if': {
        const [test = '', then = '', otherwise = ''] = splitArguments(rest, 3);
        const answer = this.expand(test.trim());
        if (answer.includes(UNKNOWN)) return `${this.expand(then)} ${this.expand(otherwise)}`;
        return this.expand(answer === '' ? otherwise : then);
      }
      case 'or':
      case 'and':
        return this.#logical(name, splitArguments(rest, Number.POSITIVE_INFINITY));
      case 'foreach': {
        const [variable = '', list = '', body = ''] = splitArguments(rest, 3);
        const loop = this.expand(variable).trim();
        return wordsOf(this.expand(list))
          .map((word) => this.#with({ [loop]: word }, body))
          .join(' ');
      }
      case 'call':
        return this.#call(splitArguments(rest, Number.POSITIVE_INFINITY).map((part) => this.expand(part)));
      case 'value':
        return this.definition(this.expand(rest).trim());
      case 'origin':
        return this.#variables.has(this.expand(rest).trim()) ? 'file' : 'undefined';
      case 'flavor':
        return this.#variables.has(this.expand(rest).trim()) ? 'recursive' : 'undefined';
      case 'eval':
        return UNKNOWN;
      default:
        return undefined;
    }
  }

  #logical(name: 'or' | 'and', parts: readonly string[]): string {
    const unsure: string[] = [];
    for (const [at, part] of parts.entries()) {
      const answer = this.expand(part.trim());
      if (answer.includes(UNKNOWN)) unsure.push(answer);
      else if (name === 'or' ? answer !== '' : answer === '') return [...unsure, answer].join(' ').trim();
      if (name === 'and' && at === parts.length - 1) return [...unsure, answer].join(' ');
    }
    return unsure.join(' ');
  }

  #call([first = '', ...parts]: readonly string[]): string {
    const name = first.trim();
    if (FLAG_FUNCTIONS.has(name)) return (parts[0] ?? '').trim();
    const body = this.definition(name);
    // Not read (scripts/), or not there: it may answer anything.
    if (body === '') return UNKNOWN;
    const given: Record<string, string> = { 0: name };
    for (let at = 1; at < 10; at++) given[at] = parts[at - 1] ?? '';
    return this.#with(given, body);
  }

  /** Expands with variables that are gone afterwards. */
  #with(given: Readonly<Record<string, string>>, body: string): string {
    const names = Object.keys(given);
    const former = names.map((name) => this.#variables.get(name));
    for (const name of names) this.#variables.set(name, { text: given[name] as string, isRecursive: false });
    const result = this.expand(body);
    for (const [at, name] of names.entries()) {
      const variable = former[at];
      if (variable) this.#variables.set(name, variable);
      else this.#variables.delete(name);
    }
    return result;
  }

  #step(): void {
    const { limits } = this.#count;
    if (++this.#count.steps <= limits.maxSteps) return;
    throw tooMuch('maxSteps', limits.maxSteps);
  }

  #refuseLong(text: string): void {
    const { maxTextChars } = this.#count.limits;
    if (text.length > maxTextChars) throw tooMuch('maxTextChars', maxTextChars);
  }
}

function tooMuch(name: string, limit: number): ScannerError {
  return new ScannerError('kernel.limit-exceeded', `the makefiles need more than ${name} ${limit}`, { [name]: limit });
}
