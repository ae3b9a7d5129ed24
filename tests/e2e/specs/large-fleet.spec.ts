import type { Page } from '@playwright/test';

import { instance } from '../support/instance';
import { origin } from '../support/people';
import { StandIn, commandLineToken, removeAll } from '../support/stand-in';
import { submitTo } from '../support/routed';
import { expect, test } from '../support/test';

const runners = `/w/${instance.workspace}/runners`;
const machines = 120;
const jobs = 220;
/** Often enough that none is taken for gone. */
const beatMs = 15_000;
/** How many are made at once. */
const atOnce = 12;
/** The most rows that are drawn on this screen, those just outside of it included. */
const rowsMax = 40;

/** What names the rows of a list that are drawn now. */
const drawn = (page: Page, name: string): Promise<string[]> =>
  page.locator(`tr[${name}]`).evaluateAll((rows, by) => rows.map((row) => row.getAttribute(by) ?? ''), name);

/** Scrolls from top to end; every row that was drawn on the way, never too many at once. */
async function seenOnTheWay(page: Page, name: string, total: number): Promise<Set<string>> {
  const seen = new Set<string>();
  const last = page.locator(`tr[${name}][aria-rowindex="${String(total + 1)}"]`);
  await page.mouse.move(640, 600);
  for (;;) {
    // The rows follow the scrolling in the next frames.
    await expect
      .poll(() =>
        page.locator(`tr[${name}]`).evaluateAll((rows, end) => {
          const lowest = rows.at(-1);
          if (lowest === undefined) return false;
          const reached = lowest.getAttribute('aria-rowindex') === String(end);
          return reached || lowest.getBoundingClientRect().bottom >= innerHeight;
        }, total + 1),
      )
      .toBe(true);
    const now = await drawn(page, name);
    expect(now.length).toBeLessThanOrEqual(rowsMax);
    for (const one of now) seen.add(one);
    if ((await last.count()) > 0) return seen;
    await page.mouse.wheel(0, 400);
  }
}

/** Runs something for 0 to `count`, several at a time. */
async function many(count: number, act: (n: number) => Promise<unknown>): Promise<void> {
  const lane = async (first: number): Promise<void> => {
    for (let n = first; n < count; n += atOnce) await act(n);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, first) => lane(first)));
}

test.describe('a list of more than a hundred', () => {
  test.describe.configure({ timeout: 240_000 });

  test('draws few runners at a time, and keeps search, choice and focus while they change', async ({ page }) => {
    const fleet = Array.from({ length: machines }, (_, n) => new StandIn(`rack-${String(n).padStart(3, '0')}`));
    try {
      const grant = await commandLineToken(page.request);
      await many(machines, async (n) => fleet[n]?.register(grant, beatMs));
      await page.goto(`${runners}?search=rack`);
      await expect(page.getByText(`${String(machines)} of`)).toBeVisible();
      const table = page.getByRole('table', { name: 'Runners' });
      await expect(table).toHaveAttribute('aria-rowcount', String(machines + 1));

      const seen = await seenOnTheWay(page, 'data-runner', machines);
      expect(seen.size).toBe(machines);

      // All are chosen, those that are not drawn, too; a change takes neither choice nor focus away.
      await page.evaluate(() => scrollTo(0, 0));
      await page.getByRole('checkbox', { name: 'Select all runners' }).check();
      const bar = page.getByRole('region', { name: 'Selected runners' });
      await expect(bar).toContainText(`${String(machines)} selected`);
      const menu = page.getByRole('button', { name: 'Actions for rack-003' });
      await menu.focus();
      for (const n of [3, 4, 100]) {
        const asked = await page.request.post(`/api/v1/runners/${fleet[n]?.id ?? ''}/pause`, {
          headers: origin,
          data: { note: 'Moves house' },
        });
        expect(asked.ok(), await asked.text()).toBe(true);
        await fleet[n]?.sync();
        await fleet[n]?.sync();
      }
      await expect(page.locator('tr[data-runner="rack-003"]')).toContainText('Moves house');
      await expect(menu).toBeFocused();
      await expect(bar).toContainText(`${String(machines)} selected`);
      await expect(page).toHaveURL(/search=rack/);
      await page.getByLabel('Status', { exact: true }).selectOption('paused');
      await expect.poll(() => drawn(page, 'data-runner')).toEqual(['rack-003', 'rack-004', 'rack-100']);
    } finally {
      for (const machine of fleet) machine.end();
      await many(machines, (n) => removeAll(page.request, fleet.slice(n, n + 1)));
    }
  });

  test('draws few jobs at a time, and has each of them', async ({ page }) => {
    await many(jobs, (n) =>
      submitTo(page, instance.workspace, { kind: 'my' }, { title: `Long list ${String(n)}`, ready: false }),
    );
    await page.goto(`/w/${instance.workspace}?search=Long+list`);
    const table = page.getByRole('table', { name: 'Jobs, newest first' });
    await expect(table).toHaveAttribute('aria-rowcount', String(jobs + 1));
    const seen = await seenOnTheWay(page, 'data-job', jobs);
    expect(seen.size).toBe(jobs);
  });
});
