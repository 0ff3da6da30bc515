import { expect, test } from 'vitest';
import { breakFixLine, factsLine, kernelBucket, kernelLineStart, readKernelLine } from './kernel-line.ts';

const ID = 'CVE-2024-26581';
const FACTS = {
  title: 'fix a "hole"',
  mainlineFixes: ['b'.repeat(40)],
  files: ['net/a.c'],
  groups: [
    { break: { version: '5.4', commit: 'a'.repeat(40) }, fixes: [{ version: '5.11', commit: 'b'.repeat(40) }] },
    { fixes: [{ commit: 'c'.repeat(40) }] },
    { break: { commit: 'd'.repeat(40) }, fixes: [] },
  ],
};

test('a line of the CVE team is read back as it was written', () => {
  expect(readKernelLine(factsLine(ID, ID, FACTS))).toEqual({ id: ID, kind: 'facts', facts: FACTS });
  const rejected = { ...FACTS, groups: [], isRejected: true };
  expect(readKernelLine(factsLine('other', ID, rejected))).toEqual({ id: ID, kind: 'facts', facts: rejected });
});

test("Ubuntu's lines too", () => {
  expect(readKernelLine(breakFixLine(`active/${ID}`, ID, ['- a']))).toEqual({
    id: ID,
    kind: 'break-fix',
    lines: ['- a'],
  });
});

test('lines begin with their part and id; a thousand ids share a page', () => {
  expect(factsLine(ID, ID, FACTS).startsWith(kernelLineStart(ID, ID))).toBe(true);
  expect(breakFixLine('p', ID, []).startsWith(kernelLineStart('p', ID))).toBe(true);
  expect(['CVE-2024-26581', 'CVE-2024-26999', 'CVE-2024-27000', 'CVE-2024-0581'].map(kernelBucket)).toEqual([
    'kernel CVE-2024-26',
    'kernel CVE-2024-26',
    'kernel CVE-2024-27',
    'kernel CVE-2024-0',
  ]);
});
