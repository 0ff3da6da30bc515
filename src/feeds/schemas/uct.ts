import type { Cvss } from '../../model/vulnerability.ts';

/** One file of the Ubuntu CVE tracker. Words as written. */
export interface UctFile {
  /** `CVE-2023-0045`; absent where the file names none. */
  readonly candidate?: string;
  /** e.g. `2023-04-25 23:15:00 UTC` or `2015-06-11`. */
  readonly publicDate?: string;
  readonly description?: string;
  readonly references: readonly string[];
  readonly priority?: string;
  /** Priorities of one package, by `<package>` or `<package>_<release>`. */
  readonly priorityByPackage: ReadonlyMap<string, string>;
  readonly cvss: readonly Cvss[];
  /** What stands below `Patches_<package>:`, by package; e.g. `upstream: https://…`, `break-fix: 1da177e4… 7c2a69f6…`. */
  readonly patchesByPackage: ReadonlyMap<string, readonly string[]>;
  /** Without those of the status `DNE` (does not exist), which are most. */
  readonly statuses: readonly UctStatus[];
}

/** A line `<release>_<package>: <word> (<detail>)`. */
export interface UctStatus {
  /** e.g. `jammy`, `esm-infra/xenial`, `trusty/esm`, `upstream`. */
  readonly release: string;
  readonly packageName: string;
  /** e.g. `needs-triage`; empty where nothing is stated. */
  readonly word: string;
  readonly detail?: string;
}

const HASH = 0x23;
const SPACE = 0x20;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads a file of the tracker in one pass over its lines: `Key: value`, continued by lines that begin with a space; `#` comments.
 * There are some 50,000 files with 2 million lines, so lines that say nothing are left without making a string of them.
 *
 * @param malformed takes a line that is none of these.
 * Source: README of https://git.launchpad.net/ubuntu-cve-tracker and its scripts/cve_lib.py.
 */
export function readUct(text: string, malformed: (line: string) => void): UctFile {
  const fields = new Map<string, string[]>();
  const statuses: UctStatus[] = [];
  let field = '';
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const first = text.charCodeAt(start);
    if (first === SPACE || first === TAB) {
      addLine(fields, field, text.slice(start, end).trim());
      continue;
    }
    if (start === end || first === HASH || first === CARRIAGE_RETURN) continue;

    field = '';
    const colon = text.indexOf(':', start);
    if (isDne(text, colon + 1)) continue;
    const key = text.slice(start, colon).trimEnd();
    if (colon < 0 || colon > end || /\s/.test(key)) {
      malformed(text.slice(start, end).trim());
      continue;
    }
    const value = text.slice(colon + 1, end).trim();
    const status = readStatus(key, value);
    if (status) {
      statuses.push(status);
      continue;
    }
    field = key;
    addLine(fields, field, value);
  }
  return { ...readHeader(fields), ...readPackageFields(fields), statuses };
}

function addLine(fields: Map<string, string[]>, field: string, line: string): void {
  if (field === '' || line === '') return;
  const lines = fields.get(field);
  if (lines) lines.push(line);
  else fields.set(field, [line]);
}

function isDne(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB) at += 1;
  return text.startsWith('DNE', at) && !/[\w-]/.test(text.charAt(at + 3));
}

const PATCHES = 'Patches_';
const PRIORITY = 'Priority_';

function readStatus(key: string, value: string): UctStatus | undefined {
  const underscore = key.indexOf('_');
  if (underscore < 0) return undefined;
  if (key.startsWith(PATCHES) || key.startsWith(PRIORITY) || key.startsWith('Tags_')) return undefined;
  const space = value.indexOf(' ');
  const word = space < 0 ? value : value.slice(0, space);
  const detail = space < 0 ? '' : value.slice(space).replace(/^[\s(]+|[\s)]+$/g, '');
  return {
    release: key.slice(0, underscore),
    packageName: key.slice(underscore + 1),
    word,
    ...(detail && { detail }),
  };
}

function readHeader(fields: ReadonlyMap<string, readonly string[]>) {
  const candidate = fields.get('Candidate')?.[0];
  const publicDate = fields.get('PublicDate')?.[0];
  const description = (fields.get('Description') ?? fields.get('Ubuntu-Description'))?.join(' ');
  const priority = firstWord(fields.get('Priority'));
  return {
    ...(candidate && { candidate }),
    ...(publicDate && { publicDate }),
    ...(description && { description }),
    ...(priority && { priority }),
    references: fields.get('References') ?? [],
    cvss: (fields.get('CVSS') ?? []).flatMap(readCvss),
  };
}

function readPackageFields(fields: ReadonlyMap<string, readonly string[]>) {
  const priorityByPackage = new Map<string, string>();
  const patchesByPackage = new Map<string, readonly string[]>();
  for (const [key, lines] of fields) {
    if (key.startsWith(PATCHES)) patchesByPackage.set(key.slice(PATCHES.length), lines);
    const priority = key.startsWith(PRIORITY) ? firstWord(lines) : undefined;
    if (priority) priorityByPackage.set(key.slice(PRIORITY.length), priority);
  }
  return { priorityByPackage, patchesByPackage };
}

/** The word; lines below it give the reason for it. */
function firstWord(lines: readonly string[] | undefined): string | undefined {
  return lines?.[0]?.split(/\s/, 1)[0];
}

/** `nvd: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N [7.5 HIGH]` */
function readCvss(line: string): Cvss[] {
  const [, source, vector, version, score] = /^(\S+):\s*(CVSS:(\d\.\d)\/\S+)(?:\s+\[([\d.]+)\b.*\])?/.exec(line) ?? [];
  if (!source || !vector || !version) return [];
  return [{ source, version, vector, ...(score && { score: Number(score) }) }];
}
