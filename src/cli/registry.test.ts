import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GLOBAL_OPTIONS } from './options.ts';
import { commands } from './registry.ts';

test('every file in commands/ is one registered command, named by its words', () => {
  const files = readdirSync(join(import.meta.dirname, 'commands'))
    .map((file) => /^([a-z0-9-]+)\.ts$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
  expect(commands.map(({ name }) => name.replaceAll(' ', '-')).sort()).toEqual(files.sort());
});

describe('every command', () => {
  for (const entry of commands) {
    test(`${entry.name} is told by its help`, async () => {
      const command = await entry.load();
      expect(command.name).toBe(entry.name);
      expect(command.usage).toMatch(new RegExp(`^cvescan ${entry.name}( |$)`));
      expect(command.summary).toMatch(/^[A-Z].*\.$/);
      for (const [name, { type, value, short }] of Object.entries(command.options)) {
        expect(type === 'string', `--${name} has a placeholder if it takes a value`).toBe(value !== undefined);
        const taken = Object.entries(GLOBAL_OPTIONS).filter(([other]) => other !== name);
        if (short) expect(taken.map(([, option]) => option.short)).not.toContain(short);
      }
    });
  }
});
