import { anything, assert as holds, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScannerError } from '../model/errors.ts';
import { readCsaf } from './csaf.ts';

const tracking = { id: 'CVE-2023-6237', status: 'final', current_release_date: '2026-01-31T14:02:11+00:00' };

describe('readCsaf', () => {
  test('products, what is part of what, and what is said of them', () => {
    const document = readCsaf({
      document: { title: 'openssl', aggregate_severity: { text: 'Low' }, tracking },
      product_tree: {
        branches: [
          {
            category: 'vendor',
            branches: [
              { product: { name: 'RHEL 9', product_id: 'rhel9', product_identification_helper: { cpe: 'cpe:/x' } } },
            ],
          },
        ],
        full_product_names: [
          { name: 'openssl', product_id: 'openssl', product_identification_helper: { purl: 'pkg:x' } },
        ],
        relationships: [
          {
            category: 'default_component_of',
            full_product_name: { name: 'openssl of RHEL 9', product_id: 'rhel9:openssl' },
            product_reference: 'openssl',
            relates_to_product_reference: 'rhel9',
          },
        ],
      },
      vulnerabilities: [
        {
          cve: 'CVE-2023-6237',
          product_status: { known_affected: ['rhel9:openssl'] },
          remediations: [{ category: 'no_fix_planned', details: 'Will not fix', product_ids: ['rhel9:openssl'] }],
          flags: [{ label: 'vulnerable_code_not_present', product_ids: ['rhel9:openssl'] }],
          scores: [{ cvss_v3: { version: '3.1', vectorString: 'CVSS:3.1/…', baseScore: 5.9 }, products: [] }],
        },
      ],
    });
    expect(document).toMatchObject({
      id: 'CVE-2023-6237',
      status: 'final',
      aggregateSeverity: 'Low',
      title: 'openssl',
    });
    expect(document.productById).toEqual(
      new Map([
        ['rhel9', { name: 'RHEL 9', cpe: 'cpe:/x' }],
        ['openssl', { name: 'openssl', purl: 'pkg:x' }],
      ]),
    );
    expect(document.relationshipById.get('rhel9:openssl')).toEqual({ component: 'openssl', product: 'rhel9' });
    const [vulnerability] = document.vulnerabilities;
    expect(vulnerability?.productStatus.get('known_affected')).toEqual(['rhel9:openssl']);
    expect(vulnerability?.remediations).toEqual([
      { category: 'no_fix_planned', details: 'Will not fix', productIds: ['rhel9:openssl'] },
    ]);
    expect(vulnerability?.flags[0]?.category).toBe('vulnerable_code_not_present');
    expect(vulnerability?.scores).toEqual([{ version: '3.1', vector: 'CVSS:3.1/…', score: 5.9 }]);
  });

  test('a document that was taken back has nothing else', () => {
    const document = readCsaf({ document: { tracking: { id: 'CVE-2023-0030', status: 'deleted' } } });
    expect(document).toMatchObject({ id: 'CVE-2023-0030', status: 'deleted', vulnerabilities: [] });
  });

  const refused = [
    [null, 'the document is no object'],
    [{ document: {} }, 'document.tracking is no object'],
    [{ document: { tracking: {} } }, 'document.tracking.id is no text'],
    [{ document: { tracking }, vulnerabilities: {} }, 'vulnerabilities is no list'],
    [{ document: { tracking }, vulnerabilities: [{ product_status: { fixed: [1] } }] }, 'an entry of fixed is no text'],
  ] as const;
  for (const [json, words] of refused) {
    test(`refused: ${words}`, () => {
      expect(() => readCsaf(json)).toThrow(
        expect.objectContaining({ code: 'feed.malformed', message: `CSAF: ${words}` }),
      );
    });
  }

  test('a tree that is too deep', () => {
    let branch: object = {};
    for (let depth = 0; depth < 100; depth++) branch = { branches: [branch] };
    expect(() => readCsaf({ document: { tracking }, product_tree: branch })).toThrow('more than 64 levels');
  });

  test('any JSON is read or refused by a typed error', () => {
    holds(
      property(anything(), anything(), (tree, vulnerability) => {
        try {
          readCsaf({ document: { tracking }, product_tree: tree, vulnerabilities: [vulnerability] });
        } catch (error) {
          expect(error).toBeInstanceOf(ScannerError);
        }
      }),
    );
  });
});
