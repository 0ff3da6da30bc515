import { expect, test } from 'vitest';
import { LayerSlots } from './layer-slots.ts';

const never = new AbortController().signal;

test('as many as may wait are let in, one more is told to come later', () => {
  const slots = new LayerSlots(2, 3);
  const admitted = Array.from({ length: 5 }, () => slots.admit());
  expect(() => slots.admit()).toThrow(expect.objectContaining({ code: 'server.busy' }));
  admitted[0]![Symbol.dispose]();
  admitted[0]![Symbol.dispose]();
  using _ = slots.admit();
  expect(() => slots.admit()).toThrow();
});

test('analysis goes on in turn, and who is no longer wanted gives up', async () => {
  const slots = new LayerSlots(1, 9);
  const order: string[] = [];
  const [first, second, third] = [slots.admit(), slots.admit(), slots.admit()];
  await first.analyse(never);
  const gone = new AbortController();
  const secondTurn = second.analyse(gone.signal).catch((error) => order.push(`second: ${error}`));
  const thirdTurn = third.analyse(never).then(() => order.push('third'));
  gone.abort('gone');
  await secondTurn;
  second[Symbol.dispose]();
  expect(order).toEqual(['second: gone']);
  first[Symbol.dispose]();
  await thirdTurn;
  third[Symbol.dispose]();
  await slots.admit().analyse(never);
  expect(order).toEqual(['second: gone', 'third']);
  await expect(slots.admit().analyse(AbortSignal.abort('late'))).rejects.toBe('late');
});
