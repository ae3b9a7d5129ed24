import { api } from './api';
import { LogLines } from './log-lines';
import { asApiError, type ApiError } from './problem';
import { Poked } from './tail';

/** Entries that one call brings. */
const pageEntries = 1000;
/** Entries from the end that are loaded at first. */
const firstEntries = 2000;

/** The log of one attempt: its end at first, then whatever is added, earlier parts on demand. */
export class LogTail {
  /** Rises with every change of the lines. */
  version = $state(0);
  complete = $state(false);
  loadingEarlier = $state(false);
  error = $state.raw<ApiError>();

  readonly #job: string;
  readonly #attempt: number;
  readonly #log = new LogLines();
  readonly #poked: Poked;
  #after: number;

  /** `last` is the number of the last entry that the server has now. */
  constructor(job: string, attempt: number, last: number) {
    this.#job = job;
    this.#attempt = attempt;
    this.#after = Math.max(0, last - firstEntries);
    this.#poked = new Poked(() => this.#read());
    this.#poked.poke();
  }

  get lines() {
    return this.#log.lines;
  }

  /** How many entries before the first loaded one are not loaded. */
  get earlier(): number {
    return this.version < 0 || this.#log.first === 0 ? 0 : this.#log.first - 1;
  }

  /** The log may have grown. */
  poke(): void {
    if (!this.complete) this.#poked.poke();
  }

  /** Nothing is fetched any more. */
  end(): void {
    this.#poked.end();
  }

  /** Loads what stands before the first loaded entry: a page of it, or all. */
  async loadEarlier(all: boolean): Promise<void> {
    if (this.loadingEarlier || this.earlier === 0) return;
    this.loadingEarlier = true;
    const first = this.#log.first;
    const entries = [];
    try {
      let after = all ? 0 : Math.max(0, first - 1 - pageEntries);
      while (after < first - 1) {
        const page = await api.log(this.#job, this.#attempt, after, Math.min(pageEntries, first - 1 - after));
        if (page.entries.length === 0) break;
        for (const entry of page.entries) entries.push(entry);
        after = page.entries.at(-1)?.n ?? first;
      }
      this.#log.prepend(entries);
      this.version += 1;
    } catch (error) {
      this.error = asApiError(error);
    }
    this.loadingEarlier = false;
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const page = await api.log(this.#job, this.#attempt, this.#after, pageEntries);
        this.error = undefined;
        this.#log.append(page.entries);
        this.#after = page.entries.at(-1)?.n ?? this.#after;
        if (page.entries.length > 0) this.version += 1;
        if (this.#after >= page.last || page.entries.length === 0) {
          this.complete = page.complete && this.#after >= page.last;
          return;
        }
      }
    } catch (error) {
      this.error = asApiError(error);
    }
  }
}
