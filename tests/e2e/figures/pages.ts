import { writeFileSync } from 'node:fs';

import type { Browser, Page, Request } from '@playwright/test';

import { instance, needed } from '../support/instance';
import { expect, test } from '../support/test';
import { longestOfProcessor, scrollThrough, seen, watch } from './watch';

/** The figures of one page. */
interface Figures {
  name: string;
  opened_ms: number;
  /** Longest tasks while it is scrolled or written in: by the clock, and of the processor. */
  task_ms: number;
  task_cpu_ms: number;
  gap_ms: number;
  rows: number;
  fetches_a_second: number;
  /** How far it was scrolled, by wheel and by keys. */
  pixels: number;
}
const figures: Figures[] = [];
const base = `/w/${instance.workspace}`;
/** How often a page is opened; the middle one counts. */
const openings = 5;
/** For how long a page is looked at without being touched. */
const stillMs = 10_000;

/** Opens a page again and again; the median of the times to its first row. */
async function opened(page: Page, path: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < openings; n += 1) {
    await page.goto(path);
    await expect.poll(async () => (await seen(page)).firstRow, { intervals: [50] }).toBeGreaterThan(0);
    times.push((await seen(page)).firstRow);
  }
  times.sort((one, other) => one - other);
  return times[Math.floor(openings / 2)] ?? Number.NaN;
}

/** How often a page asks for its list in a second, while everything changes and nobody touches it. */
async function fetches(page: Page, list: RegExp): Promise<number> {
  let count = 0;
  const counted = (request: Request): void => {
    if (list.test(request.url())) count += 1;
  };
  page.on('request', counted);
  await page.waitForTimeout(stillMs);
  page.off('request', counted);
  return count / (stillMs / 1000);
}

/** Does something in a page, and takes the longest tasks of it. */
async function measured(
  browser: Browser,
  page: Page,
  act: () => Promise<number>,
): Promise<Omit<Figures, 'name' | 'opened_ms' | 'fetches_a_second'>> {
  await seen(page);
  const first = await act();
  const clock = await seen(page);
  // Tracing takes time of its own, so the clock is looked at without it.
  await browser.startTracing(page, { categories: ['toplevel'] });
  const second = await act();
  const task_cpu_ms = longestOfProcessor(await browser.stopTracing());
  const { rows } = await seen(page);
  return {
    task_ms: clock.longestTask,
    task_cpu_ms,
    gap_ms: clock.longestGap,
    rows: Math.max(clock.rows, rows),
    pixels: first + second,
  };
}

test.afterAll(() => {
  writeFileSync(needed('COORD_E2E_FIGURES', 'the file for the figures'), JSON.stringify(figures));
});

for (const { name, path, rows, list } of [
  { name: 'runners', path: `${base}/runners`, rows: 'tr[data-runner]', list: /\/runners$/ },
  { name: 'jobs', path: base, rows: 'tr[data-job]', list: /\/jobs\?/ },
]) {
  test(`the page of ${name}`, async ({ page, browser }) => {
    await watch(page, rows);
    const opened_ms = await opened(page, path);
    const fetches_a_second = await fetches(page, list);
    const both = async (): Promise<number> =>
      (await scrollThrough(page, 'wheel')) + (await scrollThrough(page, 'keys'));
    figures.push({ name, opened_ms, fetches_a_second, ...(await measured(browser, page, both)) });
  });
}

test('the form for a new job', async ({ page, browser }) => {
  await watch(page, 'fieldset input[type=radio]');
  // The draft is kept, so the list of runners is there as soon as the form is.
  await page.goto(`${base}/jobs/new`);
  await page.getByLabel('Who may take it').selectOption('runner');
  await page.getByLabel('Title').fill('For one of many');
  const find = page.getByPlaceholder('Find a runner by name, owner or system');
  const opened_ms = await opened(page, `${base}/jobs/new`);
  const fetches_a_second = await fetches(page, /\/runners$/);
  const write = async (): Promise<number> => {
    for (const text of ['rack-0', 'linux', 'claude', 'no such', '']) {
      await find.fill('');
      await find.pressSequentially(text, { delay: 120 });
    }
    return 0;
  };
  figures.push({ name: 'new job', opened_ms, fetches_a_second, ...(await measured(browser, page, write)) });
});
