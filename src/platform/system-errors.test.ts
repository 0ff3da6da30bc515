import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSystemError, reasonOf } from './system-errors.ts';

function errorOf(path: string): unknown {
  try {
    return readFileSync(path);
  } catch (error) {
    return error;
  }
}

describe('a failed system call in words', () => {
  for (const [path, reason] of [
    [join(import.meta.dirname, 'nonexistent'), 'it does not exist (ENOENT)'],
    ['/', 'it is a directory (EISDIR)'],
    ['/etc/passwd/x', 'a part of the path is no directory (ENOTDIR)'],
    [`/${'a'.repeat(300)}`, 'the name is too long (ENAMETOOLONG)'],
  ] as const) {
    test(reason, () => expect(reasonOf(errorOf(path))).toBe(reason));
  }

  test('one without words of its own keeps those of the runtime', () =>
    expect(reasonOf(Object.assign(new Error('EXOTIC: x'), { code: 'EXOTIC', syscall: 'read' }))).toBe('EXOTIC: x'));

  test('any other error is none', () => {
    expect(isSystemError(new Error('x'))).toBe(false);
    expect(reasonOf(new Error('x'))).toBe('x');
  });
});
