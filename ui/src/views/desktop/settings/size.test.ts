import { expect, test } from 'vitest';

import { size } from './size';

test('sizes are said in the largest unit that keeps them above one', () => {
  expect(size(0)).toBe('0 bytes');
  expect(size(999)).toBe('999 bytes');
  expect(size(12_345)).toBe('12.3 KB');
  expect(size(250_000_000)).toBe('250 MB');
  expect(size(4e15)).toBe('4000 TB');
});
