import { describe, expect, it } from 'vitest';

import { Poked } from './tail';

describe('reading after pokes', () => {
  it('reads once more for all pokes during a reading, and never twice at once', async () => {
    let running = 0;
    let most = 0;
    let reads = 0;
    const gates: (() => void)[] = [];
    const poked = new Poked(async () => {
      running += 1;
      reads += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running -= 1;
    });
    poked.poke();
    poked.poke();
    poked.poke();
    gates.shift()?.();
    await expect.poll(() => gates.length).toBe(1);
    gates.shift()?.();
    await expect.poll(() => running).toBe(0);
    expect([reads, most]).toEqual([2, 1]);
  });

  it('reads nothing more after its end', async () => {
    let reads = 0;
    const poked = new Poked(() => {
      reads += 1;
      return Promise.resolve();
    });
    poked.end();
    poked.poke();
    await Promise.resolve();
    expect(reads).toBe(0);
  });
});
