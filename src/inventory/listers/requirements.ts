import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { isBelow, readLockfile } from '../lockfile.ts';

/** `requirements.txt`, `requirements-dev.txt`, `test-requirements.txt`, `requirements_3.9.txt`. */
const FILE_NAME = /(?:^|\/)(?:[\w.-]+[-_.])?requirements(?:[-_.][\w.-]+)?\.txt$/;

/** A name, its extras, and the rest: `requests [socks] == 2.31.0`. */
const REQUIREMENT = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*([(@=<>!~].*)?$/;

/** What pip installs without a name: a URL, or a file or directory of the project. */
const PLACE = /^(?:[a-z+]+:\/\/|\.{0,2}\/|\.{1,2}$|[\w./-]+\.(?:whl|zip|tar\.gz|tgz)$)/i;

/**
 * Lists what pip's requirement files name.
 *
 * Only a pinned requirement (`==`, `===`) says which version is installed: all others are listed without one. Options, other files
 * (`-r`, which are read by themselves if they are named so), and what has no name are passed over. Files of which the name says
 * that they are for development or tests are marked.
 * Source: https://pip.pypa.io/en/stable/reference/requirements-file-format/, PEP 508.
 */
export const requirementsLister: PackageLister = {
  name: 'requirements',
  version: 1,
  fileNames: ['*.txt'],
  wants: ({ path }) =>
    path.includes('requirements') &&
    FILE_NAME.test(path) &&
    !isBelow(path, 'site-packages') &&
    !isBelow(path, 'dist-packages'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const isDevelopment = /(?:^|[-_.])(?:dev|develop|development|tests?|lint|docs?)(?:[-_.]|$)/.test(
      fileName(file.path),
    );
    const malformed = (line: number) =>
      problem({ code: 'lister.malformed-line', message: `line ${line}: no requirement`, path: file.path });
    yield* languagePackages('pypi', requirementsOf(text, isDevelopment, malformed));
  },
};

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function* requirementsOf(
  text: string,
  isDevelopment: boolean,
  malformed: (line: number) => void,
): Generator<LanguagePackage> {
  for (const { line, content } of logicalLines(text)) {
    if (content === '' || content.startsWith('-') || PLACE.test(content)) continue;
    const [, name, specifiers = ''] = REQUIREMENT.exec(withoutMarker(content)) ?? [];
    if (name === undefined) malformed(line);
    else yield { name, version: pinnedVersion(specifiers), isDevelopment };
  }
}

/** Lines without comments; one that ends in a backslash goes on with the next. */
function* logicalLines(text: string): Generator<{ readonly line: number; readonly content: string }> {
  let [first, parts]: [number, string[]] = [1, []];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const content = line
      .trimEnd()
      .replace(/(^|\s)#.*$/s, '')
      .trimEnd();
    if (parts.length === 0) first = index + 1;
    if (content.endsWith('\\')) parts.push(content.slice(0, -1));
    else {
      yield { line: first, content: [...parts, content].join(' ').trim() };
      parts = [];
    }
  }
  if (parts.length > 0) yield { line: first, content: parts.join(' ').trim() };
}

/** Without the environment marker (`; python_version < "3"`) and options of this requirement (`--hash=…`). */
function withoutMarker(content: string): string {
  const end = /;|\s--?[a-z]/.exec(content)?.index ?? content.length;
  return content.slice(0, end).replace(/\s+/g, ' ').trim();
}

/** `2.31.0` of `==2.31.0` and of `>=2,==2.31.0`; `` of anything else, `==2.*` too. */
function pinnedVersion(specifiers: string): string {
  for (const specifier of specifiers.replace(/^\((.*)\)$/, '$1').split(',')) {
    const version = /^\s*={2,3}\s*([^\s*]+)\s*$/.exec(specifier)?.[1];
    if (version !== undefined) return version;
  }
  return '';
}
