import type { Page } from '@playwright/test';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { submitJob } from '../support/jobs';
import { origin } from '../support/people';
import { expect, test } from '../support/test';

const runners = `/w/${instance.workspace}/runners`;
/** The runner that does the jobs; the only one that is there from the beginning. */
const real = (page: Page) => page.getByRole('row').filter({ hasText: 'Demo' }).first();

test('the runner is seen at work and idle again, live', async ({ page }) => {
  await page.goto(runners);
  const row = real(page);
  await expect(row).toContainText('Online, idle');
  await expect(row.getByRole('button', { name: /^Copy short id: [0-9a-z]{6}$/ })).toBeVisible();
  await expectAccessible(page, 'runners');

  const { id, number } = await submitJob(page, 'Keeps the runner busy', ['say hello', 'wait 5m']);
  await expect(row).toContainText('Active 1/');
  await expect(row.getByRole('link', { name: `#${String(number)}` })).toBeVisible();
  const cancelled = await page.request.post(`/api/v1/jobs/${id}/cancel`, { headers: origin });
  expect(cancelled.ok(), await cancelled.text()).toBe(true);
  await expect(row).toContainText('Online, idle', { timeout: 45_000 });
});

test('the list is filtered by typing', async ({ page }) => {
  await page.goto(runners);
  await expect(real(page)).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('no runner has this name');
  await expect(page.getByText('No runner matches')).toBeVisible();
  await expect(page).toHaveURL(/search=no/);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(real(page)).toBeVisible();
  await expect(page).not.toHaveURL(/search=/);
});

test('the theme can be chosen, and is kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(runners);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await expectAccessible(page, 'account-menu');
  await page.getByRole('menuitemcheckbox', { name: 'Theme: dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
