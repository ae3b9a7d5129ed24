import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Pulse } from './pulse';

describe('a pulse', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('hands the first on at once, and what follows together', () => {
    const seen: (readonly number[])[] = [];
    const pulse = new Pulse<number>((gathered) => seen.push(gathered));
    pulse.add(1);
    pulse.add(2);
    pulse.add(3);
    expect(seen).toEqual([[1]]);
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual([[1], [2, 3]]);
  });

  it('beats at most once a second for as long as something comes', () => {
    const seen: (readonly number[])[] = [];
    const pulse = new Pulse<number>((gathered) => seen.push(gathered));
    for (let n = 0; n < 1000; n += 1) {
      pulse.add(n);
      vi.advanceTimersByTime(10);
    }
    expect(seen.length).toBeLessThanOrEqual(11);
    vi.advanceTimersByTime(1000);
    expect(seen.flat()).toHaveLength(1000);
  });

  it('is ready at once again after a quiet second, and silent when closed', () => {
    const act = vi.fn();
    const pulse = new Pulse<number>(act);
    pulse.add(1);
    vi.advanceTimersByTime(1000);
    pulse.add(2);
    expect(act).toHaveBeenCalledTimes(2);
    pulse.add(3);
    pulse.close();
    vi.advanceTimersByTime(5000);
    expect(act).toHaveBeenCalledTimes(2);
  });
});
