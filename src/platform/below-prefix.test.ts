import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isBelowUrl, openBelow } from './below-prefix.ts';

describe('isBelowUrl', () => {
  const prefix = 'https://images.example/team/';
  const cases = [
    ['https://images.example/team/a.tar', true, 'below it'],
    ['https://images.example/team', true, 'the prefix itself'],
    ['https://IMAGES.example:443/team/a.tar', true, 'the same origin, written otherwise'],
    ['https://images.example/teammates/a.tar', false, 'segments are whole'],
    ['https://images.example/team/../other/a.tar', false, 'a way out'],
    ['https://images.example/team/%2e%2e/other/a.tar', false, 'a way out, hidden'],
    ['http://images.example/team/a.tar', false, 'another scheme'],
    ['https://images.example:8443/team/a.tar', false, 'another port'],
    ['https://images.example.evil/team/a.tar', false, 'another host'],
    ['https://images.example@evil/team/a.tar', false, 'a host that looks like it'],
    ['https://user:x@images.example/team/a.tar', false, 'with credentials'],
  ] as const;
  for (const [url, want, shows] of cases) {
    test(`${url}: ${shows}`, () => expect(isBelowUrl(new URL(url), prefix)).toBe(want));
  }
});

describe('openBelow', () => {
  function start() {
    const root = mkdtempSync(join(tmpdir(), 'cvescan-below-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    for (const name of ['images', 'images/team', 'images-other']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'images/team/a.tar'), 'a');
    writeFileSync(join(root, 'images-other/b.tar'), 'b');
    symlinkSync(join(root, 'images-other/b.tar'), join(root, 'images/link.tar'));
    symlinkSync(join(root, 'images-other'), join(root, 'images/elsewhere'));
    symlinkSync(join(root, 'images/team'), join(root, 'images/inside'));
    execFileSync('mkfifo', [join(root, 'images/pipe')]);
    return { root, open: (path: string) => openBelow(join(root, path), [join(root, 'images')]) };
  }

  test('opens a regular file, whatever becomes of its name', () => {
    const { root, open } = start();
    using file = open('images/team/a.tar')!;
    rmSync(join(root, 'images/team/a.tar'));
    expect(file.sizeBytes).toBe(1);
    if (process.platform === 'linux') expect(readFileSync(file.path, 'utf8')).toBe('a');
  });

  test('a symlink on the way is followed if it ends below', () => {
    using file = start().open('images/inside/a.tar');
    expect(file).toBeDefined();
  });

  const refused = [
    ['images/missing.tar', 'what is not there'],
    ['images-other/b.tar', 'a directory whose name only begins alike'],
    ['images/../images-other/b.tar', 'a way out'],
    ['images/link.tar', 'a symlink'],
    ['images/elsewhere/b.tar', 'a symlink on the way out'],
    ['images/team', 'a directory'],
    ['images/pipe', 'a pipe, without waiting for its writer'],
  ] as const;
  for (const [path, shows] of refused) test(`refuses ${shows}`, () => expect(start().open(path)).toBeUndefined());

  test('refuses everything where no directory is listed', () => {
    const { root } = start();
    expect(openBelow(join(root, 'images/team/a.tar'), [])).toBeUndefined();
  });
});
