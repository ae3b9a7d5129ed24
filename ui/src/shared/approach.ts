/** Rows from one to another, both included. */
export interface Range {
  from: number;
  to: number;
}

/**
 * The next step from the rows that are drawn to those that shall be: at most `most` new ones, without
 * a gap, and those that are `seen` before those around them.
 */
export function approach(drawn: Range | undefined, aim: Range, seen: number, most: number): Range {
  if (drawn === undefined || drawn.to < aim.from || drawn.from > aim.to) {
    const from = Math.min(Math.max(seen, aim.from), aim.to);
    return { from, to: Math.min(from + most - 1, aim.to) };
  }
  const from = Math.max(drawn.from, aim.from);
  const to = Math.min(drawn.to, aim.to);
  const below = Math.min(most, aim.to - to);
  return { from: Math.max(aim.from, from - (most - below)), to: to + below };
}
