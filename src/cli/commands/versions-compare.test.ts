import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { versionsCompareCommand } from './versions-compare.ts';

async function run(positionals: readonly string[], input?: Iterable<string | Buffer>): Promise<string> {
  const stdout = new PassThrough();
  const output = text(stdout);
  const exit = await versionsCompareCommand.run({
    options: { stdin: input !== undefined },
    positionals,
    stdin: Readable.from(input ?? []),
    stdout,
    stderr: new PassThrough(),
    env: {},
    now: () => new Date(0),
    signal: new AbortController().signal,
  });
  expect(exit).toBe(0);
  stdout.end();
  return output;
}

describe('cvescan versions compare SCHEME A B', () => {
  for (const [scheme, a, b, answer] of [
    ['dpkg', '1.0~rc1', '1.0', '<'],
    ['dpkg', '1.0', '1.0-0', '='],
    ['semver', 'v1.10.0', '1.9.0', '>'],
  ] as const) {
    test(`${scheme} ${a} ${b} prints ${answer}`, async () => {
      expect(await run([scheme, a, b])).toBe(`${answer}\n`);
    });
  }

  test('names a malformed version', async () => {
    await expect(run(['semver', '1.2.3', '1.2'])).rejects.toMatchObject({
      code: 'version.malformed',
      message: expect.stringContaining('"1.2"'),
    });
  });

  test('names the known schemes for an unknown one', async () => {
    const error = { code: 'version.unknown-scheme', message: expect.stringContaining('dpkg') };
    await expect(run(['deb', '1', '2'])).rejects.toMatchObject(error);
    await expect(run(['deb'], ['1\t2\n'])).rejects.toMatchObject(error);
  });

  for (const words of [[], ['dpkg'], ['dpkg', '1'], ['dpkg', '1', '2', '3']]) {
    test(`${words.length} words are wrong usage`, async () => {
      await expect(run(words)).rejects.toMatchObject({ code: 'usage.invalid' });
    });
  }
});

describe('cvescan versions compare SCHEME --stdin', () => {
  for (const [shows, input, output] of [
    ['one answer a line', ['1\t2\n2\t1\n1\t1.0\n'], '<\n>\n=\n'],
    ['? for malformed versions', ['1\tx\ny\t1\n'], '?\n?\n'],
    ['? for lines that are not two versions', ['1\n\n1\t2\t3\n\t\n'], '?\n?\n?\n?\n'],
    ['a last line without its end', ['1\t2\n3\t2'], '<\n>\n'],
    ['lines cut anywhere', ['1', '\t', '2', '\n1\t1\n2\t', '1\n'], '<\n=\n>\n'],
    ['lines of Windows', ['1\t2\r\n2\t1\r\n'], '<\n>\n'],
    ['characters cut in two', [Buffer.from('1\t1+'), Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], '?\n'],
    ['nothing', [], ''],
  ] as const) {
    test(shows, async () => expect(await run(['pep440'], input)).toBe(output));
  }

  test('takes no versions as words', async () => {
    await expect(run(['dpkg', '1', '2'], ['1\t2\n'])).rejects.toMatchObject({ code: 'usage.invalid' });
  });

  test('an endless line is one malformed line', async () => {
    const chunks = Array.from({ length: 100 }, () => '1'.repeat(10_000));
    expect(await run(['dpkg'], [...chunks, '\t2\n1\t2\n'])).toBe('?\n<\n');
  });

  test('a line of two longest versions is read', async () => {
    const longest = '1'.repeat(1024);
    expect(await run(['dpkg'], [`${longest}\t${longest}`, `\r\n${longest}1\t1\n`])).toBe('=\n?\n');
  });
});
