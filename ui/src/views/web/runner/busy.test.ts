import { expect, it } from 'vitest';

import { busyOf } from './busy';

it('says how busy a week was, and never nothing of what was something', () => {
  expect(busyOf([])).toBe(0);
  expect(busyOf([0, 0, 0])).toBe(0);
  expect(busyOf([100, 0, 0, 0])).toBe(25);
  expect(busyOf([1, ...Array<number>(167).fill(0)])).toBe(1);
  expect(busyOf(Array<number>(168).fill(100))).toBe(100);
});
