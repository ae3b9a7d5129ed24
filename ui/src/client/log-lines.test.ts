import { describe, expect, it } from 'vitest';

import type { LogEntry, LogKind } from '$/protocol';

import { LogLines } from './log-lines';

const entry = (n: number, text: string, partial = false, kind: LogKind = 'text'): LogEntry => ({
  n,
  at: n,
  kind,
  text,
  partial,
});
const shown = (log: LogLines): string[] => log.lines.map((line) => `${line.n} ${line.kind} ${line.text}`);

describe('a log as lines', () => {
  it('joins what goes on in the next entry of the same kind', () => {
    const log = new LogLines();
    log.append([entry(1, 'a', true), entry(2, 'x', false, 'tool'), entry(3, 'b', true)]);
    log.append([entry(4, 'c'), entry(5, 'd')]);
    expect(shown(log)).toEqual(['1 text abc', '2 tool x', '5 text d']);
  });

  it('passes over entries that it has', () => {
    const log = new LogLines();
    log.append([entry(1, 'a'), entry(2, 'b')]);
    log.append([entry(1, 'a'), entry(2, 'b'), entry(3, 'c')]);
    expect(shown(log)).toEqual(['1 text a', '2 text b', '3 text c']);
    expect([log.first, log.last]).toEqual([1, 3]);
  });

  it('is the same in whatever pieces it comes', () => {
    const kinds: LogKind[] = ['text', 'tool', 'thinking'];
    // A small generator with a fixed seed, so that a failure can be repeated.
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (let round = 0; round < 300; round += 1) {
      const entries = Array.from({ length: 1 + next(30) }, (_, index) =>
        entry(index + 1, String.fromCharCode(97 + next(26)), next(2) === 0, kinds[next(3)]),
      );
      const whole = new LogLines();
      whole.append(entries);

      const pieces = new LogLines();
      let from = next(entries.length);
      pieces.append(entries.slice(from));
      while (from > 0) {
        const before = Math.max(0, from - 1 - next(5));
        pieces.prepend(entries.slice(before, from));
        from = before;
      }
      pieces.append([entry(entries.length + 1, '!', false, 'text')]);
      whole.append([entry(entries.length + 1, '!', false, 'text')]);
      expect(shown(pieces)).toEqual(shown(whole));
    }
  });
});
