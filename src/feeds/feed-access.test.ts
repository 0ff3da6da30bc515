import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryBody } from './document-body.ts';
import { createFeedAccess, type FeedAccess } from './feed-access.ts';
import { readRevision, writeRevision } from './http-revision.ts';
import { looksLikeHtml, readListing } from './listing-page.ts';
import { mirrorPath } from './mirror-directory.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'cvescan-access-'));
  mkdirSync(join(scratch, 'spool'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const mirror = () => join(scratch, 'mirror');

function put(path: string, content: string | Buffer): string {
  const file = join(mirror(), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

function access(maxDocumentBytes?: number): Promise<FeedAccess> {
  return createFeedAccess({
    mirror: mirror(),
    temporaryDirectory: join(scratch, 'spool'),
    gitDirectory: join(scratch, 'git'),
    version: '0',
    env: { PATH: process.env.PATH },
    signal: new AbortController().signal,
    ...(maxDocumentBytes !== undefined && { maxDocumentBytes }),
  });
}

describe('a mirror directory', () => {
  const url = 'https://bucket.example/Red%20Hat/all.json';

  test('gives what lies there, decompressed by what its bytes say', async () => {
    put('bucket.example/Red Hat/all.json', gzipSync('{"a":1}'));
    await using feeds = await access();
    const answer = await feeds.http.get(url);
    expect(await answer?.body.text()).toBe('{"a":1}');
    expect(await answer?.body.text()).toBe('{"a":1}');
    const packed = await feeds.http.get(url, { compression: 'none' });
    expect(await packed?.body.bytes()).toEqual(gzipSync('{"a":1}'));
  });

  test('says "nothing new" by size and time, and by content when it was made anew', async () => {
    const file = put('bucket.example/Red Hat/all.json', '{"a":1}');
    await using feeds = await access();
    const ifRevision = (await feeds.http.get(url))?.revision;
    expect(await feeds.http.get(url, { ifRevision })).toBeUndefined();
    utimesSync(file, 1, 1);
    expect(await feeds.http.get(url, { ifRevision })).toBeUndefined();
    writeFileSync(file, '{"a":2}');
    expect(await feeds.http.get(url, { ifRevision })).toBeDefined();
  });

  test('what it lacks is said so; a folder is no document', async () => {
    put('bucket.example/folder/a.json', '{}');
    await using feeds = await access();
    for (const path of ['b.json', 'folder', 'folder/a.json/b']) {
      await expect(feeds.http.get(`https://bucket.example/${path}`)).rejects.toMatchObject({
        code: 'feed.not-in-mirror',
      });
    }
    await expect(feeds.http.listing('https://bucket.example/')).rejects.toMatchObject({ code: 'feed.not-in-mirror' });
    await expect(feeds.git.open('https://bucket.example/folder')).rejects.toMatchObject({ code: 'feed.not-in-mirror' });
  });

  test('a web page in place of data is refused', async () => {
    put('bucket.example/a.json', '\n<!DOCTYPE HTML>\n<html>');
    await using feeds = await access();
    await expect(feeds.http.get('https://bucket.example/a.json')).rejects.toMatchObject({ code: 'feed.malformed' });
  });

  test('a document may be as large as its limit, and no larger, compressed or not', async () => {
    put('bucket.example/plain', '12345');
    put('bucket.example/packed', gzipSync('1'.repeat(1000)));
    await using feeds = await access();
    const read = async (name: string, maxBytes: number) =>
      (await feeds.http.get(`https://bucket.example/${name}`, { maxBytes }))?.body.text();
    expect(await read('plain', 5)).toBe('12345');
    await expect(read('plain', 4)).rejects.toMatchObject({ code: 'feed.limit-exceeded', details: { maxBytes: 4 } });
    expect(await read('packed', 1000)).toHaveLength(1000);
    await expect(read('packed', 999)).rejects.toMatchObject({ code: 'feed.limit-exceeded' });
    await using bounded = await access(999);
    const packed = await bounded.http.get('https://bucket.example/packed');
    await expect(packed?.body.text()).rejects.toMatchObject({ code: 'feed.limit-exceeded' });
  });

  test('a cut file is malformed, and so is one whose publisher states another hash', async () => {
    put('bucket.example/cut.gz', gzipSync('1'.repeat(1000)).subarray(0, -12));
    put('bucket.example/plain', '12345');
    await using feeds = await access();
    const cut = await feeds.http.get('https://bucket.example/cut.gz');
    await expect(cut?.body.text()).rejects.toMatchObject({ code: 'feed.malformed' });
    const other = await feeds.http.get('https://bucket.example/plain', { sha256: '0'.repeat(64) });
    await expect(other?.body.text()).rejects.toMatchObject({ code: 'feed.malformed' });
  });

  test('lists what its index names', async () => {
    put('bucket.example/index.html', '<a href="../">../</a> <a href="v3.20/">v3.20/</a> <a href="main.json">');
    await using feeds = await access();
    expect(await feeds.http.listing('https://bucket.example/')).toEqual(['main.json', 'v3.20/']);
  });

  test('leaves nothing behind', async () => {
    await using feeds = await access();
    expect(readdirSync(join(scratch, 'spool'))).toHaveLength(1);
    await feeds.close();
    expect(readdirSync(join(scratch, 'spool'))).toEqual([]);
  });

  test('may be a symlink', async () => {
    put('bucket.example/plain', '12345');
    symlinkSync(mirror(), join(scratch, 'link'));
    expect(mirrorPath(join(scratch, 'link'), 'https://bucket.example/plain')).toBe(
      join(scratch, 'link/bucket.example/plain'),
    );
  });
});

describe('mirrorPath', () => {
  test('is the host and the decoded path', () => {
    expect(mirrorPath('/m', 'https://a.example/Red%20Hat/RHSA-2022%3A1065.json?x=1')).toBe(
      '/m/a.example/Red Hat/RHSA-2022:1065.json',
    );
    expect(mirrorPath('/m', 'https://a.example/v3.20/')).toBe('/m/a.example/v3.20/index.html');
  });

  for (const path of ['%2e%2e%2fsecret', 'a%2Fb', 'a%00', 'a%5Cb', 'a%zz']) {
    test(`${path} does not leave the mirror`, () => {
      expect(() => mirrorPath('/m', `https://a.example/${path}`)).toThrow('not in the mirror: ');
    });
  }
});

describe('listing pages', () => {
  const url = 'https://secdb.alpinelinux.org/v3.20/';

  test('name what is directly below them, however it is written', () => {
    const page = `<A HREF='main.json'>x</A><a class="n" href="https://secdb.alpinelinux.org/v3.20/community.json?a=1&amp;b=2">
      <a href=./edge/><a href="../">up</a><a href="/v3.20/a%20b">c</a><a href="deep/er/file"><a href="https://other.example/v3.20/x">
      <a href="?C=M;O=A"><a href="main.json">again</a><a href="%zz">`;
    expect(readListing(page, url)).toEqual(['a b', 'community.json', 'edge/', 'main.json']);
  });

  test('that name nothing are malformed', () => {
    expect(() => readListing('<html><p>Please log in</p>', url)).toThrow('lists nothing');
  });
});

test('HTML is told by its beginning, not by what stands in data', () => {
  const html = ['<!doctype html>', '  \n<HTML lang="de">', '<!-- a --><html>', '\ufeff<!DOCTYPE html SYSTEM>'];
  const data = ['{"html":"<html>"}', '<?xml version="1.0"?><oval>', 'cve,epss', ''];
  expect(html.map((text) => looksLikeHtml(Buffer.from(text)))).toEqual(html.map(() => true));
  expect(data.map((text) => looksLikeHtml(Buffer.from(text)))).toEqual(data.map(() => false));
});

test('a revision comes back as it was written; any other text is none', () => {
  const revision = { sha256: 'ab', etag: '"a"', lastModified: undefined, file: '1-2' };
  expect(readRevision(writeRevision(revision))).toEqual(revision);
  expect([undefined, '', 'abc', '{', '{}', '{"sha256":1}'].map(readRevision)).toEqual(Array(6).fill(undefined));
});

test('a body in memory is bounded too', async () => {
  await expect(memoryBody(Buffer.from('12345'), { maxBytes: 4 }).text()).rejects.toMatchObject({
    code: 'feed.limit-exceeded',
  });
});
