import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { cisaKevUpdater } from './cisa-kev.ts';

async function parse(text: string) {
  const problems: Problem[] = [];
  const document = { name: 'known_exploited_vulnerabilities.json', revision: 'r', body: memoryBody(Buffer.from(text)) };
  const parts = await Array.fromAsync(cisaKevUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  return { parts, problems };
}

const log4j = {
  cveID: 'CVE-2021-44228',
  vulnerabilityName: 'Apache Log4j2 Remote Code Execution Vulnerability',
  dateAdded: '2021-12-10',
  dueDate: '2021-12-24',
  requiredAction: 'Apply updates.',
  knownRansomwareCampaignUse: 'Known',
};

describe('parse', () => {
  test('reads the catalogue as one part of its edition', async () => {
    const { parts } = await parse(JSON.stringify({ catalogVersion: '2026.01.29', count: 1, vulnerabilities: [log4j] }));
    const record = {
      kind: 'kev',
      vulnerabilityId: 'CVE-2021-44228',
      name: 'Apache Log4j2 Remote Code Execution Vulnerability',
      dateAdded: '2021-12-10',
      dueDate: '2021-12-24',
      requiredAction: 'Apply updates.',
      knownRansomwareUse: true,
    };
    expect(parts).toEqual([{ part: 'catalog', revision: '2026.01.29', records: [record] }]);
  });

  test('entries that cannot be read are problems, and the rest goes on', async () => {
    const vulnerabilities = [
      { ...log4j, cveID: 'log4j' },
      null,
      { ...log4j, dateAdded: '10 December' },
      { cveID: log4j.cveID, dateAdded: log4j.dateAdded },
    ];
    const { parts, problems } = await parse(JSON.stringify({ catalogVersion: '1', vulnerabilities }));
    expect(parts[0]?.records).toEqual([{ kind: 'kev', vulnerabilityId: 'CVE-2021-44228', dateAdded: '2021-12-10' }]);
    expect(problems).toHaveLength(3);
  });

  for (const text of ['', 'null', '{"vulnerabilities":{}}', '{"catalogVersion":"1"']) {
    test(`${JSON.stringify(text)} is no catalogue`, async () => {
      await expect(parse(text)).rejects.toMatchObject({ code: 'feed.malformed' });
    });
  }
});
