import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CpeConfiguration } from '../model/cpe-configuration.ts';
import { SEVERITIES } from '../model/severity.ts';
import { FIX_STATES } from '../model/status.ts';
import { advisoryLine, readAdvisoryLine, type Statement, statementText } from './advisory-line.ts';
import { CriterionNumbers, configurationsOf, packTree, storedTree, unpackTree } from './cpe-tree.ts';
import { editPage, ownerOf, packLines, unpackLines } from './page.ts';
import { packNumbers, packRising, unpackNumbers, unpackRising } from './varints.ts';
import { factsText, readFacts, readTextLine, textBucket, textLine } from './vulnerability-line.ts';

/** What was written is read back, whatever it is. */

const text = fc.string({ minLength: 1, unit: 'binary' });
const version = fc.oneof(text, fc.constantFrom('0', '1.2.3-1', '1:2.0~rc1'));

const statement: fc.Arbitrary<Statement> = fc.record(
  {
    advisoryId: text,
    packageKind: fc.constantFrom('source' as const, 'binary' as const),
    status: fc.constantFrom('affected' as const, 'not_affected' as const, 'under_investigation' as const),
    fixState: fc.constantFrom(...FIX_STATES),
    affected: fc.array(
      fc.record({ introduced: version, fixed: version, lastAffected: version }, { requiredKeys: ['introduced'] }),
    ),
    severity: fc.constantFrom(...SEVERITIES),
    versions: fc.array(version, { minLength: 1 }),
    qualifiers: fc.record({ arches: fc.array(text, { minLength: 1 }), module: text }, { requiredKeys: ['module'] }),
    note: text,
    link: text,
  },
  { requiredKeys: ['advisoryId', 'packageKind', 'status', 'fixState', 'affected'] },
);

test('advisories', () => {
  fc.assert(
    fc.property(text, statement, fc.uniqueArray(text, { minLength: 1 }), (part, said, ids) => {
      const line = advisoryLine(part, said.advisoryId, ids, statementText(said));
      expect(readAdvisoryLine(line)).toEqual({ part, vulnerabilityIds: ids, statement: said });
      expect(line).not.toContain('\n');
      expect(ownerOf(line)).toBe(JSON.stringify(part));
    }),
  );
});

test('facts on a vulnerability', () => {
  const facts = fc.record(
    {
      severity: fc.constantFrom(...SEVERITIES),
      cvss: fc.array(
        fc.record(
          {
            version: text,
            vector: text,
            source: text,
            score: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
            type: text,
          },
          { requiredKeys: ['version', 'vector', 'source'] },
        ),
        { minLength: 1 },
      ),
      cwes: fc.array(text, { minLength: 1 }),
      published: text,
      modified: text,
      withdrawn: text,
      aliases: fc.array(text, { minLength: 1 }),
      summary: text,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(facts, (given) => {
      expect(readFacts(factsText(given, 'nvd'), 'nvd')).toEqual(given);
    }),
  );
});

test('a score of 0 is one', () => {
  const given = { cvss: [{ version: '3.1', vector: 'x', score: 0, source: 'osv' }] };
  expect(readFacts(factsText(given, 'osv'), 'osv')).toEqual(given);
});

test('texts', () => {
  const given = fc.record(
    {
      description: text,
      references: fc.array(
        fc.record({ url: text, tags: fc.array(text, { minLength: 1 }) }, { requiredKeys: ['url'] }),
        {
          minLength: 1,
        },
      ),
    },
    { requiredKeys: ['description'] },
  );
  fc.assert(
    fc.property(text, text, given, (part, id, said) => {
      expect(readTextLine(textLine(part, id, said)!)).toEqual({ part, id, ...said });
      expect(textLine(part, id, {})).toBeUndefined();
    }),
  );
});

test('text pages hold neighbours', () => {
  expect(textBucket('CVE-2024-12345')).toBe(textBucket('CVE-2024-12340'));
  expect(textBucket('CVE-2024-12345')).not.toBe(textBucket('CVE-2024-12355'));
  expect(textBucket('GHSA-2xyz-abcd-efgh')).toBe('GHSA-2x');
  expect(textBucket('GHSA-2xyz-abcd-efgh', ['PYSEC-2024-1', 'CVE-2024-12345'])).toBe(textBucket('CVE-2024-12345'));
});

test('numbers', () => {
  const numbers = fc.array(fc.nat());
  fc.assert(
    fc.property(numbers, (given) => {
      expect(unpackNumbers(packNumbers(given))).toEqual(given);
    }),
  );
  fc.assert(
    fc.property(numbers, (given) => {
      const rising = [...new Set(given)].sort((a, b) => a - b);
      expect(unpackRising(packRising(rising))).toEqual(rising);
    }),
  );
});

describe('pages', () => {
  const line = (owner: string, rest: string) => JSON.stringify([owner, rest]);

  test('short and long ones are read back', () => {
    fc.assert(
      fc.property(
        fc.array(
          text.map((each) => line('a', each)),
          { minLength: 1 },
        ),
        fc.nat(2000),
        (lines, length) => {
          const all = [...lines, line('b', 'x'.repeat(length))];
          expect(unpackLines(packLines(all))).toEqual(all);
        },
      ),
    );
  });

  test('lose the lines of an owner, gain others, and stay sorted', () => {
    const page = packLines([line('a', '1'), line('b', '1')]);
    expect(unpackLines(editPage(page, new Set(['"a"']), packLines([line('a', '2'), line('c', '1')])))).toEqual([
      line('a', '2'),
      line('b', '1'),
      line('c', '1'),
    ]);
    expect(editPage(page, new Set(['"a"', '"b"']), undefined)).toBeUndefined();
    expect(editPage(page, new Set(['"x"']), undefined)).toBe(page);
  });
});

describe('configurations', () => {
  const component = fc.constantFrom('*', '-', '1.0', 'a\\:b', 'x\\!', 'w');
  const criteria = fc.oneof(
    fc.array(component, { minLength: 10, maxLength: 10 }).map((parts) => `cpe:2.3:a:${parts.join(':')}`),
    fc.constantFrom('cpe:/a:old:form', '', 'cpe:2.3:a:::1:*:*:*:*:*:*:*', 'cpe:2.3:a:b\\'),
  );
  const use = fc.record(
    { criteria, vulnerable: fc.boolean(), versionStartIncluding: version, versionEndExcluding: version },
    { requiredKeys: ['criteria', 'vulnerable'] },
  );
  const operator = fc.constantFrom('AND' as const, 'OR' as const);
  const node = fc.record({ operator, negate: fc.boolean(), criteria: fc.array(use, { maxLength: 4 }) });
  const configuration = fc.record({ operator, negate: fc.boolean(), nodes: fc.array(node, { maxLength: 3 }) });

  test('are put together again from numbers', () => {
    fc.assert(
      fc.property(fc.array(configuration, { maxLength: 3 }), (given: readonly CpeConfiguration[]) => {
        const numbers = new CriterionNumbers();
        const tree = numbers.treeOf(given);
        const all = numbers.takeNew();
        const packed = packTree(storedTree(tree, (number) => [number % 3, number]));
        expect(configurationsOf(unpackTree(packed), (_, place) => all[place]!)).toEqual(given);
        expect(numbers.takeNew()).toEqual([]);
      }),
    );
  });
});
