import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

import { pictures } from './instance';

/** Width of a small phone; a page must not need sideways scrolling there. */
const narrow = { width: 320, height: 720 };

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
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      expect(found, `${name}, ${colorScheme}, ${size}`).toEqual([]);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${name} needs sideways scrolling at ${String(narrow.width)} px`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(wide);
  await page.emulateMedia({ colorScheme: null });
}
