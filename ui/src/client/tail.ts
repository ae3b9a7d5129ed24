/** Calls `read` now and after every poke, never twice at once, and never loses a poke. */
export class Poked {
  #running = false;
  #again = false;
  #ended = false;
  readonly #read: () => Promise<void>;

  constructor(read: () => Promise<void>) {
    this.#read = read;
  }

  /** Something may have changed. */
  poke(): void {
    if (this.#ended) return;
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  /** Nothing is read any more. */
  end(): void {
    this.#ended = true;
    this.#again = false;
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#again) {
        this.#again = false;
        await this.#read();
      }
    } finally {
      this.#running = false;
    }
  }
}
