import type { Page } from '@playwright/test';

/** What was seen in a page since it was opened, or since it was last asked. */
export interface Seen {
  /** From the navigation to the frame with the first row, in milliseconds. */
  firstRow: number;
  /** The longest that the page kept its thread, by the clock. */
  longestTask: number;
  /** The longest that an event had to wait. */
  longestGap: number;
  /** The most rows that were in the document at once. */
  rows: number;
}

interface Watched {
  coordSeen: Seen;
}

/** Watches a page from its first moment on; `selector` finds its rows. */
export async function watch(page: Page, selector: string): Promise<void> {
  await page.addInitScript((rows) => {
    const seen: Seen = { firstRow: 0, longestTask: 0, longestGap: 0, rows: 0 };
    (window as unknown as Watched).coordSeen = seen;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longestTask = Math.max(seen.longestTask, duration);
    }).observe({ type: 'longtask', buffered: true });
    const everyMs = 5;
    let before = performance.now();
    setInterval(() => {
      const now = performance.now();
      seen.longestGap = Math.max(seen.longestGap, now - before - everyMs);
      before = now;
    }, everyMs);
    const look = (): void => {
      const count = document.querySelectorAll(rows).length;
      seen.rows = Math.max(seen.rows, count);
      if (count > 0 && seen.firstRow === 0) seen.firstRow = performance.now();
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, selector);
}

/** What was seen so far; begins anew but for the first row. */
export async function seen(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const now = (window as unknown as Watched).coordSeen;
    const copy = { ...now };
    Object.assign(now, { longestTask: 0, longestGap: 0, rows: 0 });
    return copy;
  });
}

/** Waits for the next frame. */
async function frame(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
}

async function atEnd(page: Page): Promise<boolean> {
  return page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2);
}

/** The least that a turn of the wheel moves, and how many turns lead to the end of a long page. */
const turnMin = 600;
const turns = 100;

/** How often a key is pressed before the rest is skipped. */
const pressesMax = 100;

/**
 * Scrolls a frame at a time and says how far that was: by wheel to the end, faster the longer the
 * page is; by keys page by page, and to the end at last.
 */
export async function scrollThrough(page: Page, by: 'wheel' | 'keys'): Promise<number> {
  await page.evaluate(() => scrollTo(0, 0));
  if (by === 'wheel') await page.mouse.move(640, 500);
  else await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const turn = Math.max(turnMin, Math.ceil(height / turns));
  for (let step = 0; !(await atEnd(page)); step += 1) {
    if (by === 'wheel') await page.mouse.wheel(0, turn);
    else await page.keyboard.press(step < pressesMax ? 'PageDown' : 'End');
    await frame(page);
  }
  return page.evaluate(() => scrollY);
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  tdur?: number;
  args?: { name?: string };
}

/** The longest task of any page's main thread in a trace, in milliseconds of processor time. */
export function longestOfProcessor(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${String(pid)}.${String(tid)}`),
  );
  return traceEvents
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && mains.has(`${String(pid)}.${String(tid)}`))
    .reduce((most, { tdur }) => Math.max(most, (tdur ?? 0) / 1000), 0);
}
