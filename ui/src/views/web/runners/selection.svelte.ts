import { SvelteSet } from 'svelte/reactivity';

import type { RunnerView } from '$/protocol';

/** The rows that are chosen; only those that are shown count. */
export class Selection {
  readonly #ids = new SvelteSet<string>();
  readonly #shown: () => readonly RunnerView[];
  #last: string | undefined;

  constructor(shown: () => readonly RunnerView[]) {
    this.#shown = shown;
  }

  /** The chosen runners, as they are now. */
  readonly runners = $derived.by(() =>
    this.#ids.size === 0 ? [] : this.#shown().filter(({ id }) => this.#ids.has(id)),
  );

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Chooses a row or lets go of it; with `range` all rows from the last one on. */
  toggle(id: string, on: boolean, range: boolean): void {
    const rows = this.#shown();
    const from = rows.findIndex((runner) => runner.id === this.#last);
    const at = rows.findIndex((runner) => runner.id === id);
    const touched =
      range && from >= 0 && at >= 0 ? rows.slice(Math.min(from, at), Math.max(from, at) + 1) : [{ id }];
    for (const one of touched) {
      if (on) this.#ids.add(one.id);
      else this.#ids.delete(one.id);
    }
    this.#last = id;
  }

  /** Chooses every row that is shown, or none. */
  all(on: boolean): void {
    this.#ids.clear();
    if (on) for (const { id } of this.#shown()) this.#ids.add(id);
  }
}
