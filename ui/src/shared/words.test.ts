import { describe, expect, it } from 'vitest';

import { count } from '$/words/plural';

import { bytes } from './bytes';
import { duration, relative } from './time';

describe('numbers in words', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [12_700, '12.4 KiB'],
    [100 * 1024 * 1024, '100 MiB'],
  ])('says %d bytes as %s', (n, text) => expect(bytes(n)).toBe(text));

  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [252_000, '4 min 12 s'],
    [7_260_000, '2 h 1 min'],
    [90_000_000, '1 d 1 h'],
  ])('says %d ms as %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('says how long ago, and the date when that is long', () => {
    const now = Date.UTC(2026, 5, 15, 12);
    expect(relative(now - 1000, now, 'en')).toBe('just now');
    expect(relative(now - 90_000, now, 'en')).toBe('1 min. ago');
    expect(relative(now + 3 * 3_600_000, now, 'en')).toBe('in 3 hr.');
    expect(relative(now + 7 * 86_400_000 - 2000, now, 'en')).toBe('in 7 days');
    expect(relative(now - 7 * 86_400_000 + 2000, now, 'en')).toBe('6 days ago');
    expect(relative(now - 10 * 86_400_000, now, 'en')).toBe('Jun 5');
    expect(relative(now - 400 * 86_400_000, now, 'en')).toBe('May 11, 2025');
  });

  it('counts in the right form', () => {
    expect(count(1, 'runner', 'runners')).toBe('1 runner');
    expect(count(1200, 'runner', 'runners')).toBe('1,200 runners');
  });
});
