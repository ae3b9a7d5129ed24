import { announce } from '$/shared/announce.svelte';

import { Doing, type Machine } from '../machine.svelte';
import type { ConfigPatch } from '../service';
import { settings } from './words';

const shownFor = 2000;

/** Changes settings at once, and says quietly that it did. */
export class Saver extends Doing {
  saved = $state(false);
  readonly #machine: Machine;
  #reset: ReturnType<typeof setTimeout> | undefined;

  constructor(machine: Machine) {
    super();
    this.#machine = machine;
  }

  /** Whether the change was taken. */
  async save(patch: ConfigPatch): Promise<boolean> {
    const reply = await this.run(() => this.#machine.ask({ request: 'configure', patch }));
    if (reply === undefined) return false;
    this.saved = true;
    announce(settings.saved);
    clearTimeout(this.#reset);
    this.#reset = setTimeout(() => (this.saved = false), shownFor);
    return true;
  }
}
