import {
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
  type VirtualItem,
} from '@tanstack/virtual-core';

import { approach, type Range } from './approach';

interface RowOptions {
  /** What holds the rows, once it is there. */
  element: HTMLElement | undefined;
  count: number;
  /** A name for a row that stays wherever the row goes. */
  key: (index: number) => string;
  /** Height of a row before it is measured. */
  estimate: number;
}

/** Rows that are made in one frame; the rest of a long jump follows in the next ones. */
const newRowsPerFrame = 5;

/** Draws only the rows in view while the page itself scrolls; above and below stands empty height. */
export class WindowRows {
  items = $state.raw<readonly VirtualItem[]>([]);
  #total = $state(0);
  #margin = $state(0);
  #drawn: Range | undefined;
  #frame: number | undefined;
  readonly #virtualizer: Virtualizer<Window, HTMLElement>;

  constructor(options: () => RowOptions) {
    const read = () => {
      const { element, count, key, estimate } = options();
      const top = element === undefined ? 0 : element.getBoundingClientRect().top + scrollY;
      this.#margin = top;
      return {
        count,
        getScrollElement: () => window,
        estimateSize: () => estimate,
        getItemKey: key,
        overscan: 6,
        scrollMargin: top,
        initialOffset: () => scrollY,
        scrollToFn: windowScroll<Window>,
        observeElementRect: observeWindowRect,
        observeElementOffset: observeWindowOffset,
        // Asking a new row for its height at once would lay the page out once for each row.
        measureElement: (
          row: HTMLElement,
          entry: ResizeObserverEntry | undefined,
          { measurementsCache }: Virtualizer<Window, HTMLElement>,
        ) =>
          entry?.borderBoxSize[0]?.blockSize ??
          measurementsCache[Number(row.dataset['index'])]?.size ??
          estimate,
        onChange: () => this.#read(),
      };
    };
    this.#virtualizer = new Virtualizer<Window, HTMLElement>({ ...read(), count: 0 });
    $effect(() => this.#virtualizer._didMount());
    $effect(() => () => this.#stop());
    $effect.pre(() => {
      this.#virtualizer.setOptions(read());
      this.#virtualizer._willUpdate();
      this.#read();
    });
  }

  /** Height of the rows above those that are drawn. */
  get above(): number {
    return Math.max(0, (this.items[0]?.start ?? this.#margin) - this.#margin);
  }

  /** Height of the rows below those that are drawn. */
  get below(): number {
    const last = this.items.at(-1);
    return last === undefined ? this.#total : Math.max(0, this.#total + this.#margin - last.end);
  }

  #read(): void {
    this.#stop();
    const wanted = this.#virtualizer.getVirtualItems();
    const [first, last] = [wanted[0], wanted.at(-1)];
    this.#total = this.#virtualizer.getTotalSize();
    if (first === undefined || last === undefined) {
      this.items = [];
      this.#drawn = undefined;
      return;
    }
    const aim = { from: first.index, to: last.index };
    const seen = this.#virtualizer.range?.startIndex ?? aim.from;
    const drawn = approach(this.#drawn, aim, seen, newRowsPerFrame);
    this.#drawn = drawn;
    this.items = wanted.filter(({ index }) => index >= drawn.from && index <= drawn.to);
    if (drawn.from !== aim.from || drawn.to !== aim.to)
      this.#frame = requestAnimationFrame(() => this.#read());
  }

  #stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  /** Measures a row that is drawn. */
  readonly measure = (row: HTMLElement): void => this.#virtualizer.measureElement(row);

  /** Forgets all heights, after something changed them at once. */
  forget(): void {
    this.#virtualizer.measure();
  }
}
