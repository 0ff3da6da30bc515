import { expect, test } from 'vitest';
import { documentText } from './document-text.ts';

const cases = [
  ['UTF-8', Buffer.from('{"é": 1}')],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeff{"é": 1}')],
  ['UTF-16 with a byte order mark', Buffer.from('\ufeff{"é": 1}', 'utf16le')],
] as const;
test.each(cases)('%s', (_, bytes) => expect(documentText(bytes)).toBe('{"é": 1}'));
