import { describe, expect, it } from 'vitest';

import { bytes } from '$/shared/bytes';

import { useWords } from './use';

describe('the use of a limit', () => {
  it('is said with the limit, and without one where there is none', () => {
    expect(useWords({ used: 3, limit: 10 }, String)).toEqual({ used: 3, limit: 10, words: '3 of 10' });
    expect(useWords({ used: 2048, limit: 4096 }, bytes).words).toBe('2.00 KiB of 4.00 KiB');
    expect(useWords({ used: 3, limit: null }, String)).toEqual({
      used: 3,
      limit: undefined,
      words: '3, no limit',
    });
    expect(useWords({ used: 0, limit: 0 }, String).words).toBe('0 of 0');
  });
});
