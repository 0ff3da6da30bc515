import { describe, expect, test } from 'vitest';
import { ANNOTATION_STATUSES } from '../model/annotation.ts';
import type { Scope } from '../model/scope.ts';
import { readAnnotations } from './annotations.ts';

const entry = (to: string, timestamp = '2026-05-04T09:30:00Z') => ({
  ...{ timestamp, vulnerable_change: true, comment: `now ${to}` },
  status_change: { from: 'todo', to },
});
const annotated = (scope: string | undefined, comment: string) => ({
  vulnerability_name: 'CVE-2021-3711',
  ...(scope !== undefined && { scope }),
  ...{ last_status: 'accepted', last_vulnerable: true },
  logs: [{ ...entry('accepted'), comment }],
});
const file = (annotations: readonly unknown[], more: object = {}) =>
  JSON.stringify({ version: '2.0.0', annotations, ...more });
const read = (text: string, scope: Scope = {}) => readAnnotations(text, 'annotations.json', scope);

const everywhere = [
  annotated(undefined, 'all'),
  annotated('ARMv8', 'transversal'),
  annotated('/Gateway', 'project'),
  annotated('/Gateway/Router', 'component'),
];

describe('the most closely scoped annotation holds', () => {
  const cases = [
    // scope of the report                                                     which      what the row shows
    [{}, 'all', 'a report without scope'],
    [{ transversal: 'ARMv8' }, 'transversal', 'the transversal of the report'],
    [{ transversal: 'RISC-V' }, 'all', 'another transversal'],
    [{ project: 'Gateway', transversal: 'ARMv8' }, 'project', 'a project before a transversal'],
    [{ project: 'Gateway', component: 'Router' }, 'component', 'a component before its project'],
    [{ project: 'Gateway', component: 'Modem' }, 'project', 'another component of the project'],
    [{ project: 'Camera', component: 'Router' }, 'all', 'a component of that name in another project'],
    [{ component: 'Router' }, 'all', 'a component of no project'],
    [{ transversal: '/Gateway' }, 'all', 'a transversal is no path'],
  ] as const;
  for (const [scope, comment, shows] of cases) {
    test(`${JSON.stringify(scope)}: ${shows}`, () =>
      expect(read(file(everywhere), scope).find(['CVE-2021-3711'])?.log[0]?.comment).toBe(comment));
  }

  test('a star is all', () =>
    expect(read(file([annotated('*', 'star')])).find(['CVE-2021-3711'])?.log[0]?.comment).toBe('star'));
  test('none holds of another vulnerability', () =>
    expect(read(file(everywhere)).find(['CVE-2021-3712'])).toBeUndefined());
  test('an alias is as good as the id', () =>
    expect(read(file(everywhere)).find(['GHSA-5ww6-px42-wc85', 'CVE-2021-3711'])).toBeDefined());
});

describe('what is read', () => {
  for (const status of ANNOTATION_STATUSES) {
    test(`status ${status}`, () => {
      const stated = { vulnerability_name: 'CVE-2021-3711', last_status: status, last_vulnerable: false };
      const logs = [entry(status, '2026-05-05T00:00:00Z'), entry('todo', '2026-05-04T00:00:00Z')];
      expect(read(file([{ ...stated, logs }])).find(['CVE-2021-3711'])).toEqual({
        ...{ status, isVulnerable: false },
        log: [
          { at: '2026-05-04T00:00:00Z', comment: 'now todo', from: 'todo', to: 'todo', changesVulnerable: true },
          { at: '2026-05-05T00:00:00Z', comment: `now ${status}`, from: 'todo', to: status, changesVulnerable: true },
        ],
      });
    });
  }

  for (const logs of [{}, { logs: [] }]) {
    test(`an annotation without log is a legacy one: ${JSON.stringify(logs)}`, () =>
      expect(
        read(file([{ vulnerability_name: 'CVE-1', last_status: 'todo', last_vulnerable: true, ...logs }])).find([
          'CVE-1',
        ]),
      ).toEqual({ status: 'todo', isVulnerable: true, isLegacy: true, log: [] }));
  }

  test('a scope that the file does not declare is a problem', () => {
    const scopes = { transversals: ['ARMv8'], projects: [{ name: 'Gateway', components: ['Modem'] }] };
    expect(read(file(everywhere, { scopes })).problems).toEqual([
      {
        code: 'annotations.undeclared-scope',
        message: 'annotations.json: the scope "/Gateway/Router" of an annotation is none of its scopes',
        path: 'annotations.json',
      },
    ]);
  });
});

describe('what is refused', () => {
  const good = annotated('ARMv8', '');
  const cases = [
    ['{', 'the document: is no JSON'],
    ['[]', 'the document: '],
    [file([], { version: '1.0.0' }), 'version: is not 2.0.0'],
    [JSON.stringify({ version: '2.0.0' }), 'annotations: '],
    [file([{ ...good, last_status: 'fixed' }]), 'annotations.0.last_status: '],
    [file([{ ...good, last_vulnerable: 'no' }]), 'annotations.0.last_vulnerable: '],
    [file([{ ...good, comment: 'misplaced' }]), 'annotations.0: Unrecognized key: "comment"'],
    [
      file([good, { ...good, logs: [{ ...entry('todo'), timestamp: 'yesterday' }] }]),
      'annotations.1.logs.0.timestamp: is no time',
    ],
    [file([good, good]), 'annotations.1: says again what annotations.0 is about'],
    [file([annotated(undefined, ''), annotated('*', '')]), 'annotations.1: says again'],
  ] as const;
  for (const [text, message] of cases) {
    test(message, () => expect(() => read(text)).toThrow(`annotations.json: ${message}`));
  }
});
