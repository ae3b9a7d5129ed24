import { describe, expect, it } from 'vitest';

import { approach, type Range } from './approach';

/** How many rows of a range are new. */
function added(before: Range | undefined, after: Range): number {
  let n = 0;
  for (let row = after.from; row <= after.to; row += 1)
    if (before === undefined || row < before.from || row > before.to) n += 1;
  return n;
}

describe('rows that are drawn in steps', () => {
  const aim = { from: 40, to: 70 };

  it.each<[Range | undefined, number]>([
    [undefined, 46],
    [{ from: 0, to: 30 }, 46],
    [{ from: 90, to: 120 }, 46],
    [{ from: 30, to: 60 }, 50],
    [{ from: 60, to: 90 }, 50],
    [{ from: 50, to: 55 }, 50],
    [{ from: 40, to: 70 }, 46],
  ])('from %j arrive, a few at a time and never beyond the aim', (start, seen) => {
    let drawn = start;
    for (let step = 0; step < 20; step += 1) {
      const next = approach(drawn, aim, seen, 5);
      expect(added(drawn, next)).toBeLessThanOrEqual(5);
      expect(next.from).toBeGreaterThanOrEqual(aim.from);
      expect(next.to).toBeLessThanOrEqual(aim.to);
      drawn = next;
    }
    expect(drawn).toEqual(aim);
  });

  it('begin with what is seen after a jump', () => {
    expect(approach({ from: 0, to: 30 }, aim, 46, 5)).toEqual({ from: 46, to: 50 });
  });
});
