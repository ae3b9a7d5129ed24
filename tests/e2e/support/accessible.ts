import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { AxeResults, RunOptions } from 'axe-core';
import { expect, type Page } from '@playwright/test';

import { pictures } from './instance';

/** Width of a small phone; a page must not need sideways scrolling there. */
const narrow = { width: 320, height: 720 };

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it is; it is put into each document only once. */
async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: (context: Document, options: RunOptions) => Promise<AxeResults> };
    };
    // What is in order is not told one by one, since nobody reads it.
    const found = await axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** Checks the page with axe in both themes and on a narrow screen, and takes a picture of each. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  const wide = page.viewportSize() ?? { width: 1280, height: 800 };
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
    for (const [size, viewport] of [
      ['wide', wide],
      ['narrow', narrow],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.screenshot({
        path: `${pictures}/${name}-${colorScheme}-${size}.png`,
        animations: 'disabled',
      });
      expect(await violations(page), `${name}, ${colorScheme}, ${size}`).toEqual([]);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${name} needs sideways scrolling at ${String(narrow.width)} px`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(wide);
  await page.emulateMedia({ colorScheme: null });
}
