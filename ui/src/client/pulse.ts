/**
 * Gathers what comes fast and hands it on together: the first at once, and whatever follows within
 * `ms` of that at its end. So a page asks the server at most once in that time, however much changes.
 */
export class Pulse<T> {
  readonly #act: (gathered: readonly T[]) => void;
  readonly #ms: number;
  #gathered: T[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(act: (gathered: readonly T[]) => void, ms = 1000) {
    this.#act = act;
    this.#ms = ms;
  }

  /** Takes one in. */
  add(one: T): void {
    this.#gathered.push(one);
    if (this.#timer === undefined) this.#beat();
  }

  /** Forgets what is gathered and hands nothing on any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gathered = [];
  }

  #beat(): void {
    this.#timer = undefined;
    if (this.#gathered.length === 0) return;
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#timer = setTimeout(() => this.#beat(), this.#ms);
    this.#act(gathered);
  }
}
