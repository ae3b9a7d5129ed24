/** How many jobs are asked for at once; blocks overlap, so that what is in view always stands in one. */
export const blockJobs = 150;
const step = 50;
/** While somebody scrolls fast, the blocks between are not worth asking for. */
const restMs = 100;

/** The place from which the block with a row is asked for. */
export function blockOf(row: number): number {
  return Math.floor(row / step) * step;
}

/** Follows the first row that is drawn with the block to ask for. */
export class Block {
  offset = $state(0);

  constructor(first: () => number) {
    const wanted = $derived(blockOf(first()));
    $effect(() => {
      const next = wanted;
      const timer = setTimeout(() => (this.offset = next), restMs);
      return () => clearTimeout(timer);
    });
  }
}
