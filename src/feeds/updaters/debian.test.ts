import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { debianUpdater } from './debian.ts';

describe('debian: what the words mean', () => {
  // biome-ignore format: a table
  const cases = [
    // in the release                                           status                 fixed in   fix state       severity      what the row shows
    [{ status: 'open' },                                        'affected',            undefined, 'not_fixed',    undefined,    'open is affected'],
    [{ status: 'open', urgency: 'not yet assigned' },           'affected',            undefined, 'not_fixed',    undefined,    'no urgency yet is no severity'],
    [{ status: 'open', nodsa: 'x', nodsa_reason: '' },          'affected',            undefined, 'not_fixed',    undefined,    'no announcement may still be a fix'],
    [{ status: 'open', nodsa: 'x', nodsa_reason: 'ignored' },   'affected',            undefined, 'will_not_fix', undefined,    'ignored'],
    [{ status: 'open', nodsa: 'x', nodsa_reason: 'postponed' }, 'affected',            undefined, 'deferred',     undefined,    'postponed'],
    [{ status: 'open', urgency: 'end-of-life' },                'affected',            undefined, 'end_of_life',  undefined,    'end of life is a fix state, no severity'],
    [{ status: 'open', urgency: 'unimportant' },                'affected',            undefined, 'not_fixed',    'negligible', 'unimportant stays affected'],
    [{ status: 'open', urgency: 'low**' },                      'affected',            undefined, 'not_fixed',    'low',        'stars do not count'],
    [{ status: 'open', urgency: 'medium*' },                    'affected',            undefined, 'not_fixed',    'medium',     'one star neither'],
    [{ status: 'undetermined', urgency: 'high' },               'under_investigation', undefined, 'unknown',      'high',       'undetermined'],
    [{ status: 'resolved', fixed_version: '1.2-3' },            'affected',            '1.2-3',   'fixed',        undefined,    'resolved: affected below the fixed version'],
    [{ status: 'resolved' },                                    'under_investigation', undefined, 'unknown',      undefined,    'resolved without a version decides nothing'],
  ] as const;
  for (const [stated, status, fixed, fixState, severity, shows] of cases) {
    test(`${JSON.stringify(stated)}: ${shows}`, async () => {
      const { records } = await parse({ tar: { 'CVE-2005-2541': { releases: { bookworm: stated } } } });
      expect(records.filter(({ kind }) => kind === 'advisory')).toMatchObject([
        { status, fixState, affected: [fixed ? { introduced: '0', fixed } : { introduced: '0' }] },
      ]);
      expect((records.at(-1) as { severity?: string }).severity).toBe(severity);
    });
  }

  test('version 0 is never affected', async () => {
    const { records } = await parse({
      curl: { 'CVE-2023-38545': { releases: { buster: { status: 'resolved', fixed_version: '0' } } } },
    });
    expect(records.at(-1)).toMatchObject({ namespace: 'debian:10', status: 'not_affected', affected: [] });
  });
});

describe('debian: places and problems', () => {
  const releases = [
    ['woody', 'debian:3.0'],
    ['squeeze', 'debian:6'],
    ['bullseye', 'debian:11'],
    ['forky', 'debian:14'],
    ['sid', 'debian:sid'],
  ] as const;
  for (const [codename, namespace] of releases) {
    test(`${codename} is ${namespace}`, async () => {
      const { records } = await parse({ tar: { 'CVE-2005-2541': { releases: { [codename]: { status: 'open' } } } } });
      expect(records.at(-1)).toMatchObject({ kind: 'advisory', namespace, packageName: 'tar', packageKind: 'source' });
    });
  }

  test('a release that nobody knows is one problem', async () => {
    const flaw = { releases: { zurg: { status: 'open' } } };
    const { records, problems } = await parse({
      tar: { 'CVE-2005-2541': flaw, 'CVE-2016-6321': flaw },
      bash: { 'CVE-2022-3715': flaw },
    });
    expect(records.filter(({ kind }) => kind === 'advisory')).toEqual([]);
    expect(problems).toMatchObject([{ code: 'updater.unknown-release', message: expect.stringContaining('"zurg"') }]);
  });

  test('what cannot be read is named, the rest stays', async () => {
    const { records, problems } = await parse({
      tar: {
        'CVE-2005-2541': { releases: { bookworm: { status: 1 }, sid: { status: 'open' } } },
        'CVE-2016-6321': 'no object',
        'CVE-2018-20482': { releases: { sid: { status: 'resolved?' } } },
        'CVE-2019-9923': { releases: { sid: { status: 'resolved', fixed_version: 7 } } },
      },
    });
    expect(records.filter(({ kind }) => kind === 'advisory')).toMatchObject([
      { vulnerabilityId: 'CVE-2005-2541', namespace: 'debian:sid' },
    ]);
    expect(problems.map(({ message }) => message.split(' ').slice(0, 4).join(' '))).toEqual([
      'tar CVE-2005-2541 in bookworm',
      'tar CVE-2016-6321 cannot be',
      'tar CVE-2019-9923 in sid',
      'tar CVE-2018-20482 in sid:',
    ]);
  });

  test('a flaw of no release may have an empty list', async () => {
    const { records, problems } = await parse({ chromium: { 'CVE-2022-0358': { releases: [] } } });
    expect([records.length, problems]).toEqual([1, []]);
  });

  test('a part is a package; its revision follows from its bytes', async () => {
    const flaw = { description: 'Text.', releases: { sid: { status: 'open' } } };
    const whole = await parse({ grub2: { 'CVE-2020-10713': flaw }, 'grub-efi': { 'CVE-2020-10713': flaw } });
    expect(whole.parts.map(({ part }) => part)).toEqual(['grub2', 'grub-efi']);
    expect(whole.parts.map(({ records }) => records.length)).toEqual([2, 2]);
    expect(whole.records[0]).toEqual({
      kind: 'vulnerability',
      id: 'CVE-2020-10713',
      description: 'Text.',
      references: [{ url: 'https://security-tracker.debian.org/tracker/CVE-2020-10713' }],
    });
    const changed = await parse({ grub2: { 'CVE-2020-10713': flaw }, 'grub-efi': { 'CVE-2020-10714': flaw } });
    expect(changed.parts[0]).toEqual(whole.parts[0]);
    expect(changed.parts[1]?.revision).not.toBe(whole.parts[1]?.revision);
  });

  for (const text of ['', '[]', '{"tar":[]}', '{"tar":{}', '{"tar":{"CVE-1":}}', '{,}', '<html></html>']) {
    test(`${JSON.stringify(text)} is no tracker`, async () => {
      await expect(parseText(text)).rejects.toMatchObject({ code: 'feed.malformed' });
    });
  }
});

test('debian: LTS ends the coverage; testing and sid go on', () => {
  expect(debianUpdater.covers('debian:10')).toEqual({ until: '2024-06-30' });
  expect(debianUpdater.covers('debian:12')).toEqual({ until: '2028-06-30' });
  expect(debianUpdater.covers('debian:sid')).toEqual({});
  expect(debianUpdater.covers('debian:99')).toBeUndefined();
  expect(debianUpdater.covers('ubuntu:22.04')).toBeUndefined();
});

test('debian: the fixture', async () => {
  const text = await readFile(
    new URL('./fixtures/debian/security-tracker.debian.org/tracker/data/json', import.meta.url),
    'utf8',
  );
  const { parts, records, problems } = await parseText(text);
  expect(parts.map(({ part }) => part)).toEqual(['389-ds-base', 'bash', 'curl', 'prototypejs', 'zlib']);
  expect([records.length, problems]).toEqual([16, []]);
  expect(records).toContainEqual({
    kind: 'advisory',
    advisoryId: 'CVE-2023-45853',
    vulnerabilityId: 'CVE-2023-45853',
    namespace: 'debian:12',
    packageName: 'zlib',
    packageKind: 'source',
    status: 'affected',
    affected: [{ introduced: '0' }],
    fixState: 'will_not_fix',
    note: 'contrib/minizip not built and src:zlib not producing binary packages',
  });
  expect(records).toContainEqual(
    expect.objectContaining({ vulnerabilityId: 'TEMP-0841856-B18BAF', severity: 'negligible' }),
  );
});

async function parse(tracker: unknown) {
  return parseText(JSON.stringify(tracker));
}

async function parseText(text: string) {
  const problems: Problem[] = [];
  const document = { name: 'tracker.json', revision: 'etag', body: memoryBody(Buffer.from(text)) };
  const parts = await Array.fromAsync(debianUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  return { parts, records: parts.flatMap(({ records }) => records), problems };
}
