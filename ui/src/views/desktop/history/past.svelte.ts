import { Doing, type Machine } from '../machine.svelte';
import type { AttemptSummary } from '../service';

const limit = 200;

/** Attempts that ended on this machine, newest first. */
export class Past {
  attempts = $state.raw<AttemptSummary[]>([]);
  /** Whether they have been read at least once. */
  known = $state(false);
  readonly reading = new Doing();
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  async read(): Promise<void> {
    const reply = await this.reading.run(() => this.#machine.ask({ request: 'history', limit }));
    if (reply?.reply !== 'history') return;
    this.attempts = reply.attempts;
    this.known = true;
  }
}
