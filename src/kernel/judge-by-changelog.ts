import type { StageVerdict } from '../model/kernel-verdict.ts';
import { type ChangelogItem, isPartOf } from './changelog.ts';
import type { KernelJudge } from './judge-kernel.ts';

/**
 * Takes a vendor's changelog for the vendor's statement: an entry up to this kernel that names a CVE says that it is mended, unless a
 * newer one takes that back.
 *
 * @param items the newest first.
 * @param release of the kernel, as its package states it.
 */
export function changelogJudge(items: readonly ChangelogItem[], release: string | undefined): KernelJudge {
  const newest = new Map<string, ChangelogItem>();
  for (const item of items) {
    if (!isPartOf(item, release)) continue;
    for (const cve of item.cves) if (!newest.has(cve)) newest.set(cve, item);
  }
  return {
    stage: 'changelog',
    judge({ id }) {
      const item = newest.get(id);
      return item && verdictOf(item);
    },
  };
}

function verdictOf({ version, text }: ChangelogItem): StageVerdict {
  const where = version === undefined ? 'the changelog' : `the changelog of ${version}`;
  const evidence = { entries: [version === undefined ? text : `${version}: ${text}`] };
  if (/^(?:\[[^\]]*\]\s*)?Revert\b/i.test(text))
    return { stage: 'changelog', evidence, reason: `${where} takes a fix of it back` };
  return {
    stage: 'changelog',
    verdict: 'fixed',
    confidence: 'subject',
    evidence,
    reason: `${where} names it`,
  };
}
