import type { LogLine } from './line';

/** Finds lines by their text; looks at each line once, however often the log grows. */
export class LogSearch {
  query = $state('');
  /** Positions of the lines that match, rising. */
  hits = $state.raw<readonly number[]>([]);
  /** Which of the hits is shown; -1 before the first step. */
  current = $state(-1);

  #seen = 0;
  #for = '';
  #firstLine: LogLine | undefined;

  /** Brings the hits up to date with the lines. */
  look(lines: readonly LogLine[]): void {
    const wanted = this.query.trim().toLowerCase();
    // Lines put before the first one move all positions, so the search begins anew.
    const anew = wanted !== this.#for || lines[0] !== this.#firstLine;
    if (anew) {
      this.#for = wanted;
      this.#firstLine = lines[0];
      this.#seen = 0;
    }
    // The newest lines of each kind may have gone on since they were looked at.
    const from = Math.max(0, this.#seen - 8);
    const hits = anew ? [] : this.hits.filter((position) => position < from);
    if (wanted !== '')
      for (let position = from; position < lines.length; position += 1)
        if (lines[position]?.text.toLowerCase().includes(wanted)) hits.push(position);
    this.#seen = lines.length;
    if (anew || hits.length !== this.hits.length) this.hits = hits;
    if (anew) this.current = -1;
  }

  /** Goes to the next or the previous hit, around the ends, and says on which line it is. */
  step(by: 1 | -1): number | undefined {
    const total = this.hits.length;
    if (total === 0) return undefined;
    const from = this.current === -1 && by === -1 ? 0 : this.current;
    this.current = (from + by + total) % total;
    return this.hits[this.current];
  }
}
