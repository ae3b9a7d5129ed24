import { expect, test } from '@playwright/test';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { submitJob } from '../support/jobs';

test('the runner is seen at work and idle again, live', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/runners`);
  const row = page.getByRole('row').filter({ hasText: 'Online' }).first();
  await expect(row).toContainText('Idle');
  await expect(row).toContainText('Demo');
  await expect(row.getByRole('button', { name: /^Copy short id: [0-9a-z]{6}$/ })).toBeVisible();
  await expectAccessible(page, 'runners');

  const { number } = await submitJob(page, 'Keeps the runner busy', ['say hello', 'wait 4s']);
  await expect(row).toContainText('Working 1/');
  await expect(row.getByRole('link', { name: `#${String(number)}` })).toBeVisible();
  await expect(row).toContainText('Idle', { timeout: 45_000 });
});

test('the list is filtered by typing', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/runners`);
  await expect(page.getByRole('row').filter({ hasText: 'Online' }).first()).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('no runner has this name');
  await expect(page.getByText('No runner matches')).toBeVisible();
  await expect(page).toHaveURL(/search=no/);
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Online' }).first()).toBeVisible();
});

test('the theme can be chosen, and is kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`/w/${instance.workspace}/runners`);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await expectAccessible(page, 'account-menu');
  await page.getByRole('menuitemcheckbox', { name: 'Theme: dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
