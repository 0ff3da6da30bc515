import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { oracleUpdater } from './oracle.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/oracle/linux.oracle.com/security/oval/com.oracle.elsa-all.xml');

async function parse(text: string) {
  const problems: Problem[] = [];
  const document = { name: 'com.oracle.elsa-all.xml', revision: 'r', body: memoryBody(Buffer.from(text)) };
  const parts = await Array.fromAsync(oracleUpdater.parse(document, { problem: (found) => problems.push(found) }));
  return { parts, problems: problems.map(({ message }) => message) };
}

const recordsOf = async (id: string) => {
  const { parts, problems } = await parse(await readFile(FIXTURE, 'utf8'));
  expect(problems).toEqual([]);
  return parts.find(({ part }) => part === `oval:com.oracle.elsa:def:${id}`)?.records;
};

describe('oracle: an erratum', () => {
  test('is an advisory on each flaw that it names; architectures are joined', async () => {
    expect(await recordsOf('20221065')).toEqual([
      {
        kind: 'advisory',
        advisoryId: 'ELSA-2022-1065',
        vulnerabilityId: 'CVE-2022-0778',
        namespace: 'oracle:8',
        packageName: 'openssl-libs',
        packageKind: 'binary',
        status: 'affected',
        affected: [{ introduced: '0', fixed: '1:1.1.1k-6.el8_5' }],
        fixState: 'fixed',
        severity: 'high',
        qualifiers: { arches: ['aarch64', 'x86_64'] },
        link: 'https://linux.oracle.com/errata/ELSA-2022-1065.html',
      },
    ]);
  });

  test('for Ksplice keeps its mark, by which it never meets a plain package', async () => {
    expect(await recordsOf('20229258')).toMatchObject([{ affected: [{ fixed: '2:1.1.1k-6.ksplice1.el8_5' }] }]);
  });

  test('for certified builds too', async () => {
    expect(await recordsOf('20229249')).toMatchObject([{ affected: [{ fixed: '10:1.0.2k-25.el7_9_fips' }] }]);
  });

  test('of a module says which', async () => {
    const records = await recordsOf('20215171');
    expect(records).toMatchObject([
      { vulnerabilityId: 'CVE-2021-22959', severity: 'medium', qualifiers: { module: 'nodejs:16' } },
      { vulnerabilityId: 'CVE-2021-22960', severity: 'medium', qualifiers: { module: 'nodejs:16' } },
    ]);
  });

  test('that names no flaw is the vulnerability, in each release', async () => {
    expect(await recordsOf('20110373')).toMatchObject([
      {
        kind: 'vulnerability',
        id: 'ELSA-2011-0373',
        summary: 'firefox security update (IMPORTANT)',
        severity: 'high',
        published: '2011-03-22',
      },
      { vulnerabilityId: 'ELSA-2011-0373', namespace: 'oracle:5', affected: [{ fixed: '1.9.2.15-2.0.1.el5_6' }] },
      { vulnerabilityId: 'ELSA-2011-0373', namespace: 'oracle:6', affected: [{ fixed: '1.9.2.15-2.0.1.el6_0' }] },
    ]);
  });
});

describe('oracle: problems', () => {
  const definition = (id: string, metadata: string, criterion: string) =>
    `<definition id="${id}"><metadata>${metadata}</metadata><criteria>${criterion}</criteria></definition>`;
  const elsa = '<reference source="elsa" ref_id="ELSA-2022-1"/><severity>LOW</severity>';
  const pkg = '<criterion comment="Oracle Linux 8 is installed"/><criterion comment="a is earlier than 0:1-1"/>';
  const cases = [
    [definition('d', '', pkg), ['d: names no erratum'], 'no id'],
    [definition('d', elsa, ''), ['d: names no package'], 'no package'],
    [definition('d', elsa, `${pkg}<criterion comment="odd"/>`), ['d: unknown criterion "odd"'], 'a criterion'],
    [definition('d', elsa.replace('LOW', 'SO SO'), pkg), ['d: unknown severity "SO SO"'], 'a severity'],
    [definition('d', elsa, pkg).repeat(2), ['d comes again; the first counts'], 'an id twice'],
    [
      definition('d', elsa, '<criterion comment="a is earlier than 0:1-1"/>'),
      ['d: a has no release or no fixed version', 'd: names no package'],
      'no release',
    ],
  ] as const;
  for (const [definitions, messages, shows] of cases) {
    test(`${shows}: told`, async () => {
      expect((await parse(`<o><definitions>${definitions}</definitions></o>`)).problems).toEqual(messages);
    });
  }

  test('a document without definitions is refused', async () => {
    await expect(parse('<o><definitions/></o>')).rejects.toMatchObject({ code: 'feed.malformed' });
  });
});

test('oracle: coverage ends with Premier Support', () => {
  expect(oracleUpdater.covers('oracle:7')).toEqual({ until: '2024-12-31' });
  expect(oracleUpdater.covers('oracle:9')).toEqual({ until: '2032-06-30' });
  expect(oracleUpdater.covers('oracle:2')).toBeUndefined();
});
