import { expect, test } from 'vitest';
import { withDoubleDashes } from './arguments.ts';

const specs = {
  config: { type: 'string', help: '' },
  'log-level': { type: 'string', help: '' },
  quiet: { type: 'boolean', short: 'q', help: '' },
} as const;

test.each([
  [
    ['-config', 'FILE', '-log-level=debug'],
    ['--config', 'FILE', '--log-level=debug'],
  ],
  [
    ['--config', 'FILE', '-q'],
    ['--config', 'FILE', '-q'],
  ],
  [
    ['-unknown', '--', '-config'],
    ['-unknown', '--', '-config'],
  ],
])('%j is %j', (argv, expected) => {
  expect(withDoubleDashes(argv, specs)).toEqual(expected);
});
