import { describe, expect, test } from 'vitest';
import type { FeedRecord } from '../feeds/record.ts';
import { readAdvisoryLine } from './advisory-line.ts';
import { compactPart } from './compact-part.ts';

const about = {
  kind: 'advisory',
  namespace: 'debian:12',
  packageName: 'openssl',
  packageKind: 'source',
  status: 'affected',
  fixState: 'fixed',
} as const;

const fixedIn = (vulnerabilityId: string, fixed: string, advisoryId = 'DSA-1') =>
  ({ ...about, advisoryId, vulnerabilityId, affected: [{ introduced: '0', fixed }] }) satisfies FeedRecord;

const compact = (...records: readonly FeedRecord[]) =>
  compactPart('test', 'document', { part: 'p', revision: '1', records });

const said = (...records: readonly FeedRecord[]) =>
  compact(...records).rows.advisories.map(([, line]) => {
    const { vulnerabilityIds, statement } = readAdvisoryLine(line);
    return [vulnerabilityIds.join(' '), statement.affected[0]?.fixed];
  });

describe('one vulnerability under several fixed versions of one package', () => {
  test('the highest decides, by the order of the namespace', () => {
    expect(said(fixedIn('CVE-1', '1.9-1'), fixedIn('CVE-1', '1.10-1'))).toEqual([['CVE-1', '1.10-1']]);
    expect(said(fixedIn('CVE-1', '1.10-1'), fixedIn('CVE-1', '1.9-1'))).toEqual([['CVE-1', '1.10-1']]);
  });

  test('others of the lower version keep it', () => {
    const records = [fixedIn('CVE-1', '1.9-1'), fixedIn('CVE-2', '1.9-1'), fixedIn('CVE-1', '1.10-1')];
    expect(said(...records)).toEqual([
      ['CVE-2', '1.9-1'],
      ['CVE-1', '1.10-1'],
    ]);
  });

  test('other advisories, other packages and versions that cannot be compared stay', () => {
    expect(said(fixedIn('CVE-1', '1.9-1'), fixedIn('CVE-1', '1.10-1', 'DSA-2'))).toHaveLength(2);
    expect(said(fixedIn('CVE-1', '1.9-1'), { ...fixedIn('CVE-1', '1.10-1'), packageName: 'other' })).toHaveLength(2);
    expect(said(fixedIn('CVE-1', '1.9-1'), fixedIn('CVE-1', 'no version!'))).toHaveLength(2);
  });
});

describe('rows', () => {
  test('what is said of several vulnerabilities is one line', () => {
    expect(said(fixedIn('CVE-2', '1'), fixedIn('CVE-1', '1'), fixedIn('CVE-1', '1'))).toEqual([['CVE-1 CVE-2', '1']]);
  });

  test('equal parts have equal hashes, in whatever order their records come; a change changes it', () => {
    const records: readonly FeedRecord[] = [
      fixedIn('CVE-1', '1'),
      fixedIn('CVE-2', '2'),
      { kind: 'vulnerability', id: 'CVE-1', description: 'a flaw', severity: 'high' },
      { kind: 'epss', vulnerabilityId: 'CVE-1', score: 0.5 },
      { kind: 'break-fix', vulnerabilityId: 'CVE-1', lines: ['a b'] },
    ];
    const { hash } = compact(...records);
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(compact(...records.toReversed()).hash).toBe(hash);
    for (const left of records) expect(compact(...records.filter((each) => each !== left)).hash).not.toBe(hash);
  });

  test('records on one id are one: first values count, lists are joined', () => {
    const { records, texts } = compact(
      { kind: 'vulnerability', id: 'CVE-1', summary: 'first', aliases: ['GHSA-a'] },
      { kind: 'vulnerability', id: 'CVE-1', summary: 'second', aliases: ['GHSA-b'] },
    ).rows;
    expect(records).toHaveLength(1);
    expect(records[0]?.[2]).toContain('["GHSA-a","GHSA-b"]');
    expect(records[0]?.[2]).toContain('first');
    expect(texts).toEqual([]);
  });
});
