import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { ScannerError } from '../model/errors.ts';
import type { Command, Invocation } from './command.ts';
import { main } from './command-line.ts';
import type { CommandEntry } from './registry.ts';

/** A world whose streams are kept as text. */
function fakeWorld(signal: AbortSignal = new AbortController().signal) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const world = { stdin, stdout, stderr, env: {}, now: () => new Date('2026-08-01T00:00:00Z'), signal };
  return { world, text: () => ({ stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }) };
}

const command = (name: string, run: (invocation: Invocation) => number): CommandEntry => ({
  name,
  group: 'More',
  load: async (): Promise<Command> => ({
    name,
    summary: `Does ${name}.`,
    usage: `cvescan ${name} [OPTIONS] TARGET`,
    options: {
      output: { type: 'string', short: 'o', multiple: true, value: 'FORMAT[=FILE]', help: 'what to write' },
      'fail-on': { type: 'string', multiple: true, help: 'the gate' },
    },
    run: async (invocation) => run(invocation),
  }),
});

async function run(argv: string, entries: readonly CommandEntry[], signal?: AbortSignal) {
  const { world, text } = fakeWorld(signal);
  const code = await main(argv.split(' ').filter(Boolean), world, entries);
  return { code, ...text() };
}

const seen: Invocation[] = [];
const keep = (code: number) => (invocation: Invocation) => {
  seen.push(invocation);
  return code;
};
const entries = [command('scan', keep(0)), command('db status', keep(0)), command('db export', keep(0))];

describe('a command is found by its words', () => {
  for (const [argv, positionals, options, shows] of [
    ['scan image.tar', ['image.tar'], {}, 'one word'],
    ['db status', [], {}, 'two words'],
    ['--db /x scan image.tar', ['image.tar'], { db: '/x' }, 'options of all commands may stand before it'],
    ['scan --db=/x a -q b', ['a', 'b'], { db: '/x', quiet: true }, 'and behind it'],
    ['scan -o json -o table=out a', ['a'], { output: ['json', 'table=out'] }, 'repeated options are a list'],
    ['scan --fail-on high -', ['-'], { 'fail-on': ['high'] }, 'a dash alone is an argument'],
    ['scan -- --db', ['--db'], {}, 'all is an argument behind two dashes'],
  ] as const) {
    test(`${argv}: ${shows}`, async () => {
      expect(await run(argv, entries)).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(seen.at(-1)?.positionals).toEqual(positionals);
      expect(seen.at(-1)?.options).toEqual(options);
    });
  }
});

describe('what is not understood is named, with the nearest word', () => {
  for (const [argv, message] of [
    ['scna x', 'there is no command scna; did you mean cvescan scan?'],
    ['bd status', 'there is no command bd; did you mean cvescan db status?'],
    ['dbs', 'there is no command dbs; did you mean cvescan db?'],
    ['teapot', 'there is no command teapot; see cvescan --help'],
    ['db', 'db is followed by one of: status, export'],
    ['db exprot', 'there is no command db exprot; did you mean cvescan db export?'],
    ['scan --fail-no high x', 'unknown option --fail-no; did you mean --fail-on?'],
    ['scan --teapot x', 'unknown option --teapot; see cvescan scan --help'],
    ['scan -o', '-o needs FORMAT[=FILE]'],
    ['scan --db --quiet x', '--db needs DIR; if that is --quiet, write --db=--quiet'],
    ['scan --quiet=yes x', '--quiet takes no value'],
    ['scan --constructor x', 'unknown option --constructor; see cvescan scan --help'],
  ] as const) {
    test(argv, async () =>
      expect(await run(argv, entries)).toEqual({ code: 2, stdout: '', stderr: `cvescan: ${message}\n` }),
    );
  }
});

describe('help', () => {
  test('of the program lists the commands by group', async () => {
    const { code, stdout } = await run('--help', entries);
    expect(code).toBe(0);
    expect(stdout).toContain('More:\n  scan       Does scan.\n  db status  Does db status.');
  });

  test('of a group lists its commands only', async () => {
    const { stdout } = await run('db --help', entries);
    expect(stdout).toContain('db export');
    expect(stdout).not.toContain('Does scan');
  });

  test('of a command tells options and exit codes, in either form', async () => {
    const { code, stdout } = await run('scan --help', entries);
    expect(code).toBe(0);
    expect(stdout).toContain('-o, --output FORMAT[=FILE]  what to write (repeatable)');
    expect(stdout).toContain('Exit codes:\n  0   ');
    expect((await run('help scan', entries)).stdout).toBe(stdout);
  });

  test('without a word it is a usage error', async () =>
    expect(await run('', entries)).toMatchObject({ code: 2, stdout: '' }));
});

test('the version is that of the package', async () =>
  expect(await run('--version', entries)).toEqual({ code: 0, stdout: `cvescan ${packageJson.version}\n`, stderr: '' }));

describe('standard output that cannot be written', () => {
  for (const [code, expected, shows] of [
    [
      'ENOSPC',
      { code: 1, stderr: 'cvescan: cannot write standard output: no space is left on the disk (ENOSPC)\n' },
      'error',
    ],
    ['EPIPE', { code: 0, stderr: '' }, 'no error: who reads has seen enough'],
  ] as const) {
    test(`${code}: ${shows}`, async () => {
      const { world, text } = fakeWorld();
      const failure = Object.assign(new Error(`write ${code}`), { code, syscall: 'write' });
      const stdout = new Writable({ write: (_chunk, _encoding, done) => done(failure) });
      const exit = await main(['--version'], { ...world, stdout });
      expect({ code: exit, stderr: text().stderr }).toEqual(expected);
    });
  }
});

describe('errors become text and an exit code', () => {
  const failing = (error: unknown) => [
    command('scan', () => {
      throw error;
    }),
  ];

  test('an error made on purpose is one harmless line and the code of the table', async () =>
    expect(await run('scan x', failing(new ScannerError('image.not-found', 'no image \u001b[2J')))).toEqual({
      code: 3,
      stdout: '',
      stderr: 'cvescan: no image \\x1b[2J\n',
    }));

  test('anything else is a bug and shows its stack', async () => {
    const { code, stderr } = await run('scan x', failing(new TypeError('oops')));
    expect(code).toBe(1);
    expect(stderr).toMatch(/this is a bug.*\nTypeError: oops\n +at /);
  });

  test('an interruption is no bug', async () =>
    expect(await run('scan x', failing(new Error('aborted')), AbortSignal.abort('SIGINT'))).toEqual({
      code: 130,
      stdout: '',
      stderr: 'cvescan: interrupted\n',
    }));
});
