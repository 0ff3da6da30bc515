import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { Held, startTrial } from '../updater.contract.ts';
import { amazonUpdater } from './amazon.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/amazon');

describe('amazon: each release', () => {
  test('from its list of mirrors to its advisories', async () => {
    await using trial = await startTrial(amazonUpdater, FIXTURE);
    const held = new Held();
    await trial.update(held);
    const rows = held.content().flatMap(([part, records]) =>
      records.map((record) => {
        if (record.kind !== 'advisory') throw new Error('no advisory');
        const { advisoryId, vulnerabilityId, namespace, packageName, affected, severity, link } = record;
        return [part, advisoryId, vulnerabilityId, namespace, packageName, affected[0]?.fixed, severity, link];
      }),
    );
    const httpd = 'https://alas.aws.amazon.com/ALAS-2011-1.html';
    const qemu = 'https://alas.aws.amazon.com/AL2/ALAS-2018-942.html';
    const rsyslog = 'https://alas.aws.amazon.com/AL2023/ALAS-2023-001.html';
    const [one, two, three] = ['ALAS-2011-1', 'ALAS2-2018-942', 'ALAS2023-2023-001'];
    // biome-ignore format: a table
    expect(rows).toEqual([
      [`amzn:2/${two}`,      two,   'CVE-2017-5715',  'amzn:2',       'qemu-kvm',    '10:1.5.3-141.amzn2.5.3',  'high',   qemu],
      [`amzn:2/${two}`,      two,   'CVE-2017-5715',  'amzn:2',       'qemu-img',    '10:1.5.3-141.amzn2.5.3',  'high',   qemu],
      [`amzn:2018.03/${one}`, one,  'CVE-2011-3192',  'amzn:2018.03', 'httpd',       '2.2.21-1.18.amzn1',       'medium', httpd],
      [`amzn:2023/${three}`, three, 'CVE-2014-3634',  'amzn:2023',    'rsyslog',     '8.2204.0-3.amzn2023.0.2', 'high',   rsyslog],
      [`amzn:2023/${three}`, three, 'CVE-2014-3634',  'amzn:2023',    'rsyslog-doc', '8.2204.0-3.amzn2023.0.2', 'high',   rsyslog],
      [`amzn:2023/${three}`, three, 'CVE-2022-24903', 'amzn:2023',    'rsyslog',     '8.2204.0-3.amzn2023.0.2', 'high',   rsyslog],
      [`amzn:2023/${three}`, three, 'CVE-2022-24903', 'amzn:2023',    'rsyslog-doc', '8.2204.0-3.amzn2023.0.2', 'high',   rsyslog],
    ]);
    expect(trial.problems).toEqual([]);
  });

  test('a release that the mirror lacks is told, the others are read', async () => {
    await using trial = await startTrial(amazonUpdater, FIXTURE);
    for (const path of trial.publisher.files.keys())
      if (path.startsWith('repo.us-west-2')) trial.publisher.files.delete(path);
    const held = new Held();
    await trial.update(held, { mirror: trial.publisher.url });
    expect(held.content()).toHaveLength(2);
    expect(trial.problems).toMatchObject([{ code: 'feed.not-in-mirror', path: 'updateinfo-2018.03.xml' }]);
  });

  test('a mirror that lacks all of them is a failure', async () => {
    await using trial = await startTrial(amazonUpdater, FIXTURE);
    trial.publisher.files.clear();
    await expect(trial.update(new Held(), { mirror: trial.publisher.url })).rejects.toMatchObject({
      code: 'feed.not-in-mirror',
    });
  });

  test('an updateinfo that is not what repomd.xml says is refused', async () => {
    await using trial = await startTrial(amazonUpdater, FIXTURE);
    const [path, bytes] = [...trial.publisher.files].find(([name]) => name.endsWith('updateinfo.xml'))!;
    trial.publisher.files.set(path, Buffer.from(bytes.toString().replace('final', 'draft')));
    await expect(trial.update(new Held())).rejects.toMatchObject({ code: 'feed.malformed' });
  });
});

describe('amazon: problems', () => {
  const cve = '<reference id="CVE-2018-1" type="cve"/>';
  const pkg = '<package name="a" epoch="1" version="2" release="3.amzn2" arch="x86_64"/>';
  const update = (body: string, id = 'ALAS2-2018-1') =>
    `<update type="security"><id>${id}</id><severity>low</severity>${body}</update>`;
  const cases = [
    [update(cve + pkg, ''), ['', ': an update without an id'], 'no id'],
    [update(cve), ['ALAS2-2018-1', ': names no package'], 'no package'],
    [update(`${cve}${pkg}<package name="b"/>`), ['ALAS2-2018-1', ': a package without name or version'], 'no version'],
    [update(cve + pkg).repeat(2), ['ALAS2-2018-1', ': comes again; the first counts'], 'an id twice'],
    [update(cve + pkg).replace('low', 'so so'), ['ALAS2-2018-1', ': unknown severity "so so"'], 'a severity'],
  ] as const;
  for (const [updates, message, shows] of cases) {
    test(`${shows}: told`, async () => {
      expect((await parse(`<updates>${updates}</updates>`)).problems).toEqual([message.join('')]);
    });
  }

  test('an update that names no flaw is the vulnerability', async () => {
    const { parts } = await parse(`<updates>${update(`<title>fix a</title>${pkg}`)}</updates>`);
    expect(parts[0]?.records).toMatchObject([
      { kind: 'vulnerability', id: 'ALAS2-2018-1', summary: 'fix a', severity: 'low' },
      { kind: 'advisory', vulnerabilityId: 'ALAS2-2018-1', affected: [{ introduced: '0', fixed: '1:2-3.amzn2' }] },
    ]);
  });
});

async function parse(text: string) {
  const problems: Problem[] = [];
  const document = { name: 'updateinfo-2.xml', revision: 'r', body: memoryBody(Buffer.from(text)) };
  const parts = await Array.fromAsync(amazonUpdater.parse(document, { problem: (found) => problems.push(found) }));
  return { parts, problems: problems.map(({ message }) => message) };
}

test('amazon: coverage ends with support', () => {
  expect(amazonUpdater.covers('amzn:2')).toEqual({ until: '2026-06-30' });
  expect(amazonUpdater.covers('amzn:2022')).toBeUndefined();
});
