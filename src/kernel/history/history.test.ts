import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { KernelVulnerability } from '../../model/kernel-vulnerability.ts';
import { GitRepository } from '../fixtures/git-repository.ts';
import { openResultCache, type ResultCache } from '../result-cache.ts';
import { DEFAULT_HISTORY_LIMITS, openHistory } from './history.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-history-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const git = { env: { PATH: process.env.PATH }, signal: new AbortController().signal, userAgent: 'cvescan/0' };
const FIX = 'f1'.repeat(20);
const BREAK = 'b1'.repeat(20);

const flaw: KernelVulnerability = {
  id: 'CVE-2024-0001',
  title: 'a: fix it',
  source: 'linux_cna',
  groups: [{ break: { version: '6.0', commit: BREAK }, fixes: [{ version: '6.9', commit: FIX }] }],
  mainlineFixes: [FIX],
  files: ['a.c'],
  breakFixes: [],
};

class Product {
  readonly repository = new GitRepository(mkdtempSync(join(scratch, 'linux-')));
  head = this.repository.commit({ subject: 'Linux 6.0', files: { 'a.c': '' } });
  #count = 0;

  add(subject: string, body = '', parents = [this.head]): string {
    this.head = this.repository.commit({ subject, body, parents, files: { 'a.c': `${++this.#count}\n` } });
    this.repository.head(this.head);
    return this.head;
  }
}

const read = async (product: Product, cache?: ResultCache) => {
  const { directory } = product.repository;
  const question = { vulnerabilities: [flaw], fileCount: 1, ...(cache && { cache }) };
  const history = await openHistory({ directory, git }, question);
  return { history, states: [BREAK, FIX].map((name) => history.presenceOf(name).state) };
};

describe('openHistory', () => {
  test('goes on from where it ended, with the same answer as one pass', async () => {
    const product = new Product();
    const cache = openResultCache(join(scratch, 'cache'));
    product.add('x', `commit ${BREAK} upstream.`);
    expect((await read(product, cache)).states).toEqual(['present', 'absent']);
    const fix = product.add('y', `commit ${FIX} upstream.`);
    expect((await read(product, cache)).states).toEqual(['present', 'present']);
    product.add('Revert "y"', `This reverts commit ${fix}.`);
    const { states, history } = await read(product, cache);
    expect(states).toEqual(['present', 'absent']);
    expect(history).toMatchObject({ head: product.head, commitCount: 4 });
    expect((await read(product)).states).toEqual(states);
    expect((await read(product, cache)).states).toEqual(states);
  });

  test('finds by subject what came since', async () => {
    const product = new Product();
    const cache = openResultCache(join(scratch, 'subjects'));
    product.add('x', `commit ${BREAK} upstream.`);
    await read(product, cache);
    product.add('a: fix it');
    expect((await read(product, cache)).states).toEqual(['present', 'present']);
  });

  test('a history that was written anew is read anew', async () => {
    const product = new Product();
    const cache = openResultCache(join(scratch, 'rewritten'));
    const root = product.head;
    product.add('x', `commit ${FIX} upstream.`);
    expect((await read(product, cache)).states).toEqual(['absent', 'present']);
    product.add('y', `commit ${BREAK} upstream.`, [root]);
    expect((await read(product, cache)).states).toEqual(['present', 'absent']);
  });

  test('a merge of the former head keeps what descends from what', async () => {
    const product = new Product();
    const cache = openResultCache(join(scratch, 'merged'));
    const root = product.head;
    const fix = product.add('x', `commit ${FIX} upstream.`);
    product.add('Revert "x"', `This reverts commit ${fix}.`);
    const side = product.head;
    expect((await read(product, cache)).states).toEqual(['absent', 'absent']);
    product.add('b: work', '', [root]);
    product.add('Merge', '', [product.head, side]);
    expect((await read(product, cache)).states).toEqual(['absent', 'absent']);
    expect((await read(product)).states).toEqual(['absent', 'absent']);
  });

  test('the repository says neither what is run nor what is shown', async () => {
    const product = new Product();
    const canary = join(scratch, 'canary');
    const evil = `!touch ${canary}`;
    const config = [
      '[core]\n\trepositoryformatversion = 0\n\tbare = true',
      `[core]\n\tpager = touch ${canary}\n\tfsmonitor = touch ${canary}\n\tsshCommand = touch ${canary}`,
      `[gpg]\n\tprogram = touch ${canary}\n[diff]\n\texternal = touch ${canary}\n[alias]\n\tlog = ${evil}`,
      '[log]\n\tshowSignature = true\n\tmailmap = true\n\tdecorate = full\n\tshowRoot = false\n[color]\n\tui = always',
      '[format]\n\tpretty = oneline\n[i18n]\n\tlogOutputEncoding = UTF-16\n[core]\n\tquotePath = true',
    ];
    product.repository.write('config', `${config.join('\n')}\n`);
    const fix = product.add('a: fix it', `commit ${FIX} upstream.`);
    product.add('b: work', `commit ${BREAK} upstream.`);
    // Both would show another history than the repository has.
    const other = product.repository.commit({ subject: 'nothing', files: {} });
    product.repository.write(`refs/replace/${fix}`, `${other}\n`);
    product.repository.write('info/grafts', `${product.head}\n`);
    expect((await read(product)).states).toEqual(['present', 'present']);
    expect(existsSync(canary)).toBe(false);
  });

  test('a message decides nothing by its form', async () => {
    const product = new Product();
    product.add('é – 中\tx', `\u0001\n\n\ncommit ${FIX} upstream.\n${'x'.repeat(100_000)}`);
    product.add('', `commit ${BREAK} upstream.`);
    expect((await read(product)).states[1]).toBe('present');
  });

  test('a missing parent ends the reading with an error', async () => {
    const product = new Product();
    product.add('x', '', ['9'.repeat(40)]);
    await expect(read(product)).rejects.toMatchObject({ code: 'feed.unreachable' });
  });

  test('a root with more than maxRootFiles is an import', async () => {
    const product = new Product();
    product.head = product.repository.commit({ subject: 'import', files: { a: '', b: '', c: '' } });
    product.add('b: work');
    const { directory } = product.repository;
    const gaps = async (maxRootFiles: number) => {
      const limits = { ...DEFAULT_HISTORY_LIMITS, maxRootFiles };
      return (await openHistory({ directory, git }, { vulnerabilities: [flaw], fileCount: 1, limits })).gaps;
    };
    expect(await gaps(3)).toEqual([]);
    expect(await gaps(2)).toEqual(['it begins with an import of 3 files']);
  });
});
