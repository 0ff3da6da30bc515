import type { FeedRecord } from './record.ts';
import type { SecDbPackage } from './schemas/alpine-secdb.ts';

/** Where fixes belong, and what could not be read of them. */
export interface SecfixContext {
  readonly namespace: string;
  readonly incomplete: (message: string) => void;
}

/**
 * What the security databases of apk distributions say: of source ("origin") packages the version that fixed a flaw, and nothing of
 * flaws that are not fixed yet.
 */
export function secfixRecords(
  packages: readonly SecDbPackage[],
  { namespace, incomplete }: SecfixContext,
): readonly FeedRecord[] {
  const records: FeedRecord[] = [];
  for (const { name: packageName, fixes } of packages) {
    for (const { version, entries } of fixes) {
      const unreadable = (entry: string): void =>
        incomplete(`${packageName} ${version}: an unreadable id: ${JSON.stringify(entry)}`);
      for (const id of readIds(entries, unreadable)) {
        records.push({
          kind: 'advisory',
          advisoryId: id,
          vulnerabilityId: id,
          namespace,
          packageName,
          packageKind: 'source',
          // Fixed version "0" says that no version was ever affected.
          ...(version === '0'
            ? { status: 'not_affected', affected: [], fixState: 'unknown' }
            : { status: 'affected', affected: [{ introduced: '0', fixed: version }], fixState: 'fixed' }),
        });
      }
    }
  }
  return records;
}

/**
 * Every id of the entries, once. An entry is one id, or several (`CVE-2020-11740 CVE-2020-11741 XSA-313`), with remarks
 * (`CVE-2018-14468 (FrameRelay)`, `CVE-2017-17434-1`, `CVE-2021-35940.patch`).
 */
function readIds(entries: readonly string[], unreadable: (entry: string) => void): Set<string> {
  const ids = new Set<string>();
  for (const entry of entries) {
    let hasId = false;
    let isUnreadable = false;
    for (const word of entry.replace(/\([^)]*\)?/g, ' ').split(/[\s,;]+/)) {
      const id = readId(word);
      if (id) {
        ids.add(id);
        hasId = true;
      } else if (/^CVE/i.test(word)) isUnreadable = true;
    }
    if (!hasId || isUnreadable) unreadable(entry);
  }
  return ids;
}

/** `XSA-313`, `ZDI-CAN-22300`, `GNUTLS-SA-2020-09-04`, `GHSA-fhpf-pp6p-55qc`, `VSV00010`, `wnpa-sec-2017-18` … */
function readId(word: string): string | undefined {
  const cve = /^CVE[-_](\d{4}-\d{4,})/.exec(word)?.[1];
  if (cve) return `CVE-${cve}`;
  if (/^CVE/i.test(word)) return undefined;
  return /^(GHSA(-[0-9a-z]{4}){3}|[A-Za-z]{2,}(-[A-Za-z]+)*-?\d[\d-]*)$/.exec(word)?.[0];
}
