import { common } from '$/words/common';

import { announce } from './announce.svelte';

/** How long a button says that something was copied. */
const saidMs = 1500;

/** A button that copies; made where a component is made, and ended with it. */
export class Copying {
  /** Whether it was copied just now. */
  done = $state(false);
  /** Whether the browser did not allow it, so that it has to be done by hand. */
  refused = $state(false);
  #reset: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    $effect(() => () => clearTimeout(this.#reset));
  }

  /** Copies `value`; `what` it is, for whoever hears the page. */
  async copy(value: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(value);
      this.done = true;
      this.refused = false;
      announce(common.copied(what));
      clearTimeout(this.#reset);
      this.#reset = setTimeout(() => (this.done = false), saidMs);
    } catch {
      this.refused = true;
      announce(common.copyRefused);
    }
  }
}
