import type { EventEntry } from '$/protocol';

import { api } from './api';
import { asApiError, type ApiError } from './problem';
import { Poked } from './tail';

/** Entries that one call brings. */
const pageEntries = 1000;

/** The events of one attempt, and whatever is added to them. */
export class EventTail {
  entries = $state.raw<readonly EventEntry[]>([]);
  error = $state.raw<ApiError>();
  /** Whether the first page has been read. */
  loaded = $state(false);

  readonly #job: string;
  readonly #attempt: number;
  readonly #poked: Poked;

  constructor(job: string, attempt: number) {
    this.#job = job;
    this.#attempt = attempt;
    this.#poked = new Poked(() => this.#read());
    this.#poked.poke();
  }

  /** There may be more events. */
  poke(): void {
    this.#poked.poke();
  }

  /** Nothing is fetched any more. */
  end(): void {
    this.#poked.end();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const after = this.entries.at(-1)?.n ?? 0;
        const page = await api.events(this.#job, this.#attempt, after, pageEntries);
        const added = page.entries.filter((entry) => entry.n > after);
        if (added.length > 0) this.entries = [...this.entries, ...added];
        this.error = undefined;
        this.loaded = true;
        if (added.length === 0 || (this.entries.at(-1)?.n ?? 0) >= page.last) return;
      }
    } catch (error) {
      this.error = asApiError(error);
    }
  }
}
