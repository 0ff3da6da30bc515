import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reportFormats } from './registry.ts';

const NOT_PLUGINS = ['registry'];

test('every file in this folder is one registered format of the same name', () => {
  const files = readdirSync(import.meta.dirname)
    .map((file) => /^([a-z0-9-]+)\.ts$/.exec(file)?.[1])
    .filter((name) => name !== undefined && !NOT_PLUGINS.includes(name));
  expect(reportFormats.map(({ name }) => name).sort()).toEqual(files.sort());
});
