import { describe, expect, test } from 'vitest';
import type { BreakFixReference } from '../model/kernel-vulnerability.ts';
import { readBreakFix } from './read-break-fix.ts';

const commit = (id: string, isExact = true): BreakFixReference => ({ kind: 'commit', commit: id, isExact });
const local = (name: string): BreakFixReference => ({ kind: 'local', name });

describe('what Ubuntu writes behind break-fix:', () => {
  // biome-ignore format: a table
  const cases = [
    // line                                 breaks                                  fixes                                   what the row shows
    ['aaaaaaa bbbbbbb',                     [commit('aaaaaaa')],                    [commit('bbbbbbb')],                    'a commit on each side'],
    ['- bbbbbbb',                           [],                                     [commit('bbbbbbb')],                    'since ever'],
    ['aaaaaaa -',                           [commit('aaaaaaa')],                    [],                                     'no fix is known'],
    ['- -',                                 [],                                     [],                                     'nothing is known'],
    ['aaaaaaa bbbbbbb|ccccccc',             [commit('aaaaaaa')],                    [commit('bbbbbbb'), commit('ccccccc')], 'alternatives'],
    ['aaaaaaa|ddddddd bbbbbbb',             [commit('aaaaaaa'), commit('ddddddd')], [commit('bbbbbbb')],                    'alternative breaks'],
    ['aaaaaaa local-CVE-2022-1015|bbbbbbb', [commit('aaaaaaa')],                    [local('local-CVE-2022-1015'), commit('bbbbbbb')], "a commit of Ubuntu's own"],
    ['local-b local-f|local-g',             [local('local-b')],                     [local('local-f'), local('local-g')],   'own ones on both sides'],
    ['Iaaaaaaa Ibbbbbbb',                   [commit('aaaaaaa', false)],             [commit('bbbbbbb', false)],             'inexact ones'],
    ['I(aaaaaaa|ddddddd) bbbbbbb',          [commit('aaaaaaa', false), commit('ddddddd', false)], [commit('bbbbbbb')],      'inexact alternatives'],
    ['https://a.example/1 http://b.example/?a=1;h=2', [{ kind: 'url', url: 'https://a.example/1' }], [{ kind: 'url', url: 'http://b.example/?a=1;h=2' }], 'addresses'],
    [' aaaaaaa  bbbbbbb ',                  [commit('aaaaaaa')],                    [commit('bbbbbbb')],                    'more spaces than one'],
  ] as const;
  for (const [line, breaks, fixes, shows] of cases) {
    test(`${JSON.stringify(line)}: ${shows}`, () => expect(readBreakFix(line)).toEqual({ breaks, fixes }));
  }

  for (const line of [
    '',
    '-',
    'aaaaaaa',
    'a b c',
    'aaaaaaa |bbbbbbb',
    'I(commit1|commit2) -',
    'AAAAAAA -',
    `${'a'.repeat(41)} -`,
    'local- -',
  ]) {
    test(`${JSON.stringify(line)} is none`, () => expect(readBreakFix(line)).toBeUndefined());
  }
});
