import { expect, test } from '@playwright/test';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';

test('a wrong password is refused with what to do', async ({ page }) => {
  await page.goto('/sign-in');
  await expect(page).toHaveTitle('Sign in · Coord');
  await expectAccessible(page, 'sign-in');

  await page.getByLabel('E-mail address').fill(instance.email);
  await page.getByLabel('Password', { exact: true }).fill('certainly not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();

  const note = page.getByRole('alert').filter({ hasText: 'do not match' });
  await expect(note).toContainText('Check both and try again');
  await expect(page).toHaveURL(/\/sign-in/);
  await expectAccessible(page, 'sign-in-refused');
});

test('empty fields are named before anything is sent', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Enter your e-mail address.')).toBeVisible();
  await expect(page.getByLabel('E-mail address')).toBeFocused();
});

test('signing in by keyboard returns to the page that was asked for', async ({ page }) => {
  const wanted = `/w/${instance.workspace}/runners?search=x`;
  await page.goto(wanted);
  await expect(page).toHaveURL(/\/sign-in\?next=/);

  await expect(page.getByLabel('E-mail address')).toBeFocused();
  await page.keyboard.type(instance.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(instance.password);
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(wanted);
  await expect(page.getByRole('heading', { level: 1, name: 'Runners' })).toBeVisible();
});

test('signing out ends the session', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(instance.email);
  await page.getByLabel('Password', { exact: true }).fill(instance.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();

  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto(`/w/${instance.workspace}/jobs`);
  await expect(page).toHaveURL(/\/sign-in/);
});
