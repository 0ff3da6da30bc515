import type { KernelBackport } from '../../model/kernel-backport.ts';

/**
 * Reads `active/10autotriage.linux`: `<commit> <upstream> …` or `:title('<subject>', ['<upstream>', …])`, one a line; `#` comments.
 *
 * @param malformed takes a line that is neither.
 * Source: https://git.launchpad.net/ubuntu-cve-tracker
 */
export function readAutotriage(text: string, malformed: (line: string) => void): readonly KernelBackport[] {
  const backports: KernelBackport[] = [];
  for (const written of text.split('\n')) {
    const line = written.trim();
    if (line === '' || line.startsWith('#')) continue;
    const backport = readTitle(line) ?? readCommit(line);
    if (backport) backports.push(backport);
    else malformed(line.slice(0, 80));
  }
  return backports;
}

/** Python's literals: either kind of quotes; a backslash keeps the next character. */
const TITLE = /^:title\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*,\s*\[([^\]]*)\]\s*\)$/;

/** A mainline commit, or a name of Ubuntu's own; one joins both by a hyphen. */
const UPSTREAM = /^(?:[0-9a-f]{7,40}|[a-z0-9]+-[\w-]+)$/;

function readTitle(line: string): KernelBackport | undefined {
  const [, single, double, list] = TITLE.exec(line) ?? [];
  const subject = (single ?? double)?.replace(/\\(.)/g, '$1');
  const upstream = (list ?? '').split(',').map((item) => item.trim().replace(/^(['"])(.*)\1$/, '$2'));
  return subject && upstream.every((id) => UPSTREAM.test(id)) ? { subject, upstream } : undefined;
}

function readCommit(line: string): KernelBackport | undefined {
  const [commit = '', ...upstream] = line.split(/\s+/);
  const isBackport =
    /^[0-9a-f]{12,40}$/.test(commit) && upstream.length > 0 && upstream.every((id) => UPSTREAM.test(id));
  return isBackport ? { commit, upstream } : undefined;
}
