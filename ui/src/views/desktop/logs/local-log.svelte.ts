import { LogLines } from '$/client/log-lines';
import type { Problem } from '$/protocol';

import type { Machine } from '../machine.svelte';
import { problemFrom } from '../service';

const pageEntries = 2000;
/** The service waits this long for the first new entry, then the call is made again. */
const waitMs = 20_000;

/** The log of one attempt on this machine, from its beginning and on as it grows. */
export class LocalLog {
  /** Rises with every change of the lines. */
  version = $state(0);
  complete = $state(false);
  problem = $state.raw<Problem>();
  readonly #log = new LogLines();
  readonly #machine: Machine;
  readonly #attempt: string;
  #ended = false;

  constructor(machine: Machine, attempt: string) {
    this.#machine = machine;
    this.#attempt = attempt;
    void this.read();
  }

  get lines() {
    return this.#log.lines;
  }

  /** Reads on until the log is complete, or nobody looks any more. */
  async read(): Promise<void> {
    this.problem = undefined;
    while (!this.#ended && !this.complete) {
      try {
        await this.#page();
      } catch (error) {
        this.problem = problemFrom(error);
        return;
      }
    }
  }

  /** Nobody looks any more. */
  end(): void {
    this.#ended = true;
  }

  async #page(): Promise<void> {
    const reply = await this.#machine.ask({
      request: 'read_log',
      attempt_id: this.#attempt,
      after: this.#log.last,
      limit: pageEntries,
      wait_ms: waitMs,
    });
    if (reply.reply !== 'log' || this.#ended) return;
    this.#log.append(reply.entries);
    if (reply.entries.length > 0) this.version += 1;
    this.complete = reply.complete;
  }
}
