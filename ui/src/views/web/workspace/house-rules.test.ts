import { expect, test } from 'vitest';

import { bytesMax, bytesOf } from './house-rules';

test('length is counted in bytes, as the coordinator does', () => {
  expect(bytesOf('')).toBe(0);
  expect(bytesOf('rule')).toBe(4);
  expect(bytesOf('Größe')).toBe(7);
  expect(bytesOf('🦀'.repeat(4096))).toBe(bytesMax);
});
