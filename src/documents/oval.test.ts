import { describe, expect, test } from 'vitest';
import { type OvalLimits, readOvalDefinitions } from './oval.ts';

const DEFINITION = `<definition id="oval:com.redhat.cve:def:20052541" class="vulnerability"><metadata>
<title> CVE-2005-2541 tar: does not warn </title>
<affected family="unix"><platform>Red Hat Enterprise Linux 9</platform></affected>
<reference source="CVE" ref_id="CVE-2005-2541" ref_url="https://access.redhat.com/security/cve/CVE-2005-2541"/>
<description>Tar &amp; its <![CDATA[<modes>]]></description>
<advisory><severity>Moderate</severity><updated date="2021-06-28"/>
<cve impact="moderate" public="20050804">CVE-2005-2541</cve>
<affected><resolution state="Will not fix"><component>tar</component></resolution></affected>
<affected_cpe_list><cpe>cpe:/o:redhat:enterprise_linux:9</cpe></affected_cpe_list></advisory></metadata>
<criteria operator="OR"><criterion comment="a"/><criteria><criterion comment="b"/><criterion comment="c"/></criteria></criteria>
</definition>`;

const documentOf = (definitions: string) =>
  `<oval_definitions><definitions>${definitions}</definitions><tests/></oval_definitions>`;

function read(document: string, chunkBytes = 7, limits: Partial<OvalLimits> = {}) {
  const bytes = Buffer.from(document);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  return Array.fromAsync(readOvalDefinitions(chunks(), limits));
}

describe('readOvalDefinitions', () => {
  for (const chunkBytes of [1, 100_000]) {
    test(`all of a definition, in chunks of ${chunkBytes}`, async () => {
      expect(await read(documentOf(DEFINITION), chunkBytes)).toEqual([
        {
          id: 'oval:com.redhat.cve:def:20052541',
          kind: 'vulnerability',
          title: 'CVE-2005-2541 tar: does not warn',
          description: 'Tar & its <modes>',
          platforms: ['Red Hat Enterprise Linux 9'],
          references: [
            { source: 'CVE', id: 'CVE-2005-2541', url: 'https://access.redhat.com/security/cve/CVE-2005-2541' },
          ],
          severity: 'Moderate',
          updated: '2021-06-28',
          cves: [{ id: 'CVE-2005-2541', attributes: { impact: 'moderate', public: '20050804' } }],
          cpes: ['cpe:/o:redhat:enterprise_linux:9'],
          resolutions: [{ state: 'Will not fix', components: ['tar'] }],
          criteria: { operator: 'OR', children: ['a', { operator: 'AND', children: ['b', 'c'] }] },
        },
      ]);
    });
  }

  test('what stands behind the definitions is not parsed', async () => {
    expect(
      await read(`${documentOf(DEFINITION).replace('<tests/>', '')}`.replace(/<\/oval_definitions>$/, '')),
    ).toHaveLength(1);
  });

  const refused = [
    [documentOf(DEFINITION).slice(0, 900), 'the document ends early', 'cut within a definition'],
    ['', 'the document ends early', 'empty'],
    ['<html><body>Sorry</p></body></html>', 'unexpected close tag', 'not well-formed'],
    ['no XML', 'text data outside of root node', 'text'],
    [
      '<!DOCTYPE x [<!ENTITY a "aaaa">]><oval_definitions><definitions>&a;</definitions></oval_definitions>',
      'undefined entity',
      'entities of its own',
    ],
  ] as const;
  for (const [document, words, shows] of refused) {
    test(`${shows}: refused`, async () => {
      await expect(read(document)).rejects.toMatchObject({
        code: 'feed.malformed',
        message: expect.stringContaining(words),
      });
    });
  }

  test('maxCriteriaDepth: at the limit, and one above', async () => {
    const deep = (levels: number) =>
      documentOf(`<definition>${'<criteria>'.repeat(levels)}${'</criteria>'.repeat(levels)}</definition>`);
    expect(await read(deep(3), 50, { maxCriteriaDepth: 3 })).toHaveLength(1);
    await expect(read(deep(4), 50, { maxCriteriaDepth: 3 })).rejects.toMatchObject({ code: 'feed.limit-exceeded' });
  });

  test('maxTextChars: at the limit, and one above', async () => {
    const long = (chars: number) => documentOf(`<definition><title>${'x'.repeat(chars)}</title></definition>`);
    expect(await read(long(10), 5, { maxTextChars: 10 })).toHaveLength(1);
    await expect(read(long(11), 5, { maxTextChars: 10 })).rejects.toMatchObject({ code: 'feed.limit-exceeded' });
  });
});
