import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from '@tanstack/virtual-core';

interface RowOptions {
  /** The element that scrolls, once it is there. */
  element: HTMLElement | undefined;
  count: number;
  /** A name for a row that stays when rows are put before it. */
  key: (index: number) => number;
  /** Height of a row before it is measured. */
  estimate: number;
  /** Whether the view stays at the end while rows are added. */
  follow: boolean;
}

/** Draws only the rows in view; the element's height stays that of all rows. */
export class VirtualRows {
  items = $state.raw<readonly VirtualItem[]>([]);
  height = $state(0);
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>;

  constructor(options: () => RowOptions) {
    const read = () => {
      const { element, count, key, estimate, follow } = options();
      return {
        count,
        getScrollElement: () => element ?? null,
        estimateSize: () => estimate,
        getItemKey: key,
        overscan: 20,
        anchorTo: 'end' as const,
        followOnAppend: follow,
        scrollEndThreshold: 24,
        scrollToFn: elementScroll<HTMLElement>,
        observeElementRect,
        observeElementOffset,
        onChange: () => this.#read(),
      };
    };
    this.#virtualizer = new Virtualizer<HTMLElement, HTMLElement>({ ...read(), count: 0 });
    $effect(() => this.#virtualizer._didMount());
    $effect.pre(() => {
      this.#virtualizer.setOptions(read());
      this.#virtualizer._willUpdate();
      this.#read();
    });
  }

  #read(): void {
    this.items = this.#virtualizer.getVirtualItems();
    this.height = this.#virtualizer.getTotalSize();
  }

  /** Measures a row that is drawn. */
  readonly measure = (row: HTMLElement): void => this.#virtualizer.measureElement(row);

  /** Forgets all heights, after something changed them at once. */
  forget(): void {
    this.#virtualizer.measure();
  }

  toEnd(): void {
    this.#virtualizer.scrollToEnd();
  }

  to(index: number): void {
    this.#virtualizer.scrollToIndex(index, { align: 'center' });
  }
}
