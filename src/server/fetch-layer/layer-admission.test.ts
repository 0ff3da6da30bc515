import { expect, test } from 'vitest';
import { LayerAdmission } from './layer-admission.ts';

test('as many as may are let in, one more is told to come later', () => {
  const admission = new LayerAdmission(2);
  const first = admission.admit();
  using _second = admission.admit();
  expect(() => admission.admit()).toThrow(expect.objectContaining({ code: 'server.busy' }));
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  using _third = admission.admit();
  expect(() => admission.admit()).toThrow(expect.objectContaining({ code: 'server.busy' }));
});
