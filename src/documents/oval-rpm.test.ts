import { describe, expect, test } from 'vitest';
import type { OvalCriteria } from './oval.ts';
import { type RpmStatement, rpmStatements } from './oval-rpm.ts';

const and = (...children: OvalCriteria['children']): OvalCriteria => ({ operator: 'AND', children });
const or = (...children: OvalCriteria['children']): OvalCriteria => ({ operator: 'OR', children });

const cases: readonly (readonly [OvalCriteria, readonly RpmStatement[], string])[] = [
  [
    and(
      'Oracle Linux 8 is installed',
      'bind is earlier than 32:9.11.26-6.el8',
      'bind is signed with the Oracle Linux 8 key',
    ),
    [{ release: '8', packageName: 'bind', fixed: '32:9.11.26-6.el8' }],
    'a signature restricts nothing',
  ],
  [
    and('Red Hat Enterprise Linux 9 is installed', 'firefox is earlier than 0:91.9.1-1.el9_0'),
    [{ release: '9', packageName: 'firefox', fixed: '91.9.1-1.el9_0' }],
    'an epoch of 0 is not written',
  ],
  [
    and(
      'Oracle Linux 8 is installed',
      or(and('Oracle Linux arch is x86_64', or('a is earlier than 0:1-1', 'b is earlier than 0:1-2'))),
    ),
    [
      { release: '8', arch: 'x86_64', packageName: 'a', fixed: '1-1' },
      { release: '8', arch: 'x86_64', packageName: 'b', fixed: '1-2' },
    ],
    'what stands outside holds for each inside',
  ],
  [
    and(
      or('Red Hat Enterprise Linux 7 Client is installed', 'Red Hat Enterprise Linux 7 Server is installed'),
      or('a is earlier than 0:1-1'),
    ),
    [
      { release: '7', packageName: 'a', fixed: '1-1' },
      { release: '7', packageName: 'a', fixed: '1-1' },
    ],
    'alternatives beside each other are multiplied out',
  ],
  [
    or(
      'Red Hat Enterprise Linux must be installed',
      and('Red Hat Enterprise Linux 9 is installed', 'tar is installed'),
    ),
    [{ release: '9', packageName: 'tar' }],
    'any version, and an alternative that names no package',
  ],
  [
    and('zlib is installed', 'zlib is not installed'),
    [{ packageName: 'zlib' }],
    'both at once: what is said of a package that is not affected',
  ],
  [
    and('Module nodejs:18 is enabled', 'nodejs is earlier than 1:18.19.0-1'),
    [{ module: 'nodejs:18', packageName: 'nodejs', fixed: '1:18.19.0-1' }],
    'a module',
  ],
  [
    and('nodejs:16::nodejs is earlier than 1:16.13.1-3'),
    [{ module: 'nodejs:16', packageName: 'nodejs', fixed: '1:16.13.1-3' }],
    'a module in the name',
  ],
  [
    and(
      'kernel earlier than 0:5.14.0-70.el9 is currently running',
      'kernel is earlier than 0:5.14.0-70.el9',
      'kernel version equals 0:5.14.0-70.el9 is set to boot up on next boot',
    ),
    [{ packageName: 'kernel', fixed: '5.14.0-70.el9' }],
    'the running kernel is not looked at',
  ],
];

describe('rpmStatements', () => {
  for (const [criteria, statements, shows] of cases) {
    test(shows, () => {
      const unread: string[] = [];
      expect(rpmStatements(criteria, (comment) => unread.push(comment))).toEqual(statements);
      expect(unread).toEqual([]);
    });
  }

  test('a comment that nobody knows is told, and restricts nothing', () => {
    const unread: string[] = [];
    const statements = rpmStatements(and('moon is full', 'a is earlier than 0:1-1'), (comment) => unread.push(comment));
    expect(statements).toEqual([{ packageName: 'a', fixed: '1-1' }]);
    expect(unread).toEqual(['moon is full']);
  });

  test('maxCombinationCount: at the limit, and one above', () => {
    const square = and(or('a is installed', 'b is installed'), or('c is installed', 'd is installed'));
    const within = (maxCombinationCount: number) => rpmStatements(square, () => {}, { maxCombinationCount });
    expect(within(4)).toHaveLength(8);
    expect(() => within(3)).toThrow(expect.objectContaining({ code: 'feed.limit-exceeded' }));
  });
});
