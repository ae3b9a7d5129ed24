/** One clock for all relative times on the page. */
class Clock {
  #now = $state(Date.now());
  #readers = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The time, moving while somebody keeps it running. */
  get now(): number {
    return this.#now;
  }

  /** Keeps the clock running until the returned function is called. */
  run(): () => void {
    this.#readers += 1;
    if (this.#readers === 1) {
      this.#now = Date.now();
      this.#timer = setInterval(() => (this.#now = Date.now()), 1000);
    }
    return () => {
      this.#readers -= 1;
      if (this.#readers === 0) clearInterval(this.#timer);
    };
  }
}

export const clock = new Clock();
