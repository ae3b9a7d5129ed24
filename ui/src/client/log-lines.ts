import type { LogEntry, LogKind } from '$/protocol';
import type { LogLine } from '$/shared/log/line';

/**
 * The loaded part of a log, as lines. Entries come in order and without gaps; an entry marked
 * partial goes on in the next entry of its kind, with entries of other kinds in between or not.
 */
export class LogLines {
  readonly lines: LogLine[] = [];
  /** Number of the first entry that is loaded; 0 while there is none. */
  first = 0;
  /** Number of the last entry that is loaded. */
  last = 0;
  readonly #open = new Map<LogKind, LogLine>();

  /** Adds entries at the end; those that are there already are passed over. */
  append(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.n <= this.last) continue;
      if (this.first === 0) this.first = entry.n;
      this.last = entry.n;
      this.#add(entry);
    }
  }

  /** Puts entries before the first loaded one. */
  prepend(entries: readonly LogEntry[]): void {
    const earlier = new LogLines();
    earlier.append(entries.filter((entry) => this.first === 0 || entry.n < this.first));
    if (earlier.first === 0) return;
    if (this.first === 0) this.last = earlier.last;
    this.first = earlier.first;
    this.#join(earlier);
    // Pushing one by one: a spread of a million arguments would overflow the stack.
    const rest = this.lines.splice(0);
    for (const line of earlier.lines) this.lines.push(line);
    for (const line of rest) this.lines.push(line);
  }

  /** Lines that were cut where the loaded part began go on in their first later piece. */
  #join(earlier: LogLines): void {
    for (const [kind, begun] of earlier.#open) {
      const at = this.lines.findIndex((line) => line.kind === kind);
      const later = this.lines[at];
      if (later === undefined) {
        this.#open.set(kind, begun);
        continue;
      }
      begun.text += later.text;
      this.lines.splice(at, 1);
      if (this.#open.get(kind) === later) this.#open.set(kind, begun);
    }
  }

  #add({ n, at, kind, text, partial }: LogEntry): void {
    const begun = this.#open.get(kind);
    const line = begun ?? { n, at, kind, text: '' };
    line.text += text;
    if (begun === undefined) this.lines.push(line);
    if (partial) this.#open.set(kind, line);
    else this.#open.delete(kind);
  }
}
