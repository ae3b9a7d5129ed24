import { describe, expect, it } from 'vitest';

import { blockJobs, blockOf } from './block.svelte';

describe('the block that is asked for', () => {
  it('holds the first row that is drawn and everything that fits below it', () => {
    for (const row of [0, 1, 49, 50, 99, 149, 9_999]) {
      const from = blockOf(row);
      expect(from).toBeLessThanOrEqual(row);
      expect(from + blockJobs - row).toBeGreaterThan(100);
    }
  });

  it('stays the same while few rows go by', () => {
    expect(new Set(Array.from({ length: 1000 }, (_, row) => blockOf(row))).size).toBe(20);
  });
});
