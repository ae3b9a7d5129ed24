import type { Page } from '@playwright/test';

import { instance } from '../support/instance';
import { credentials, newWorkspace } from '../support/people';
import { StandIn, removeAll } from '../support/stand-in';
import { expect, test } from '../support/test';

/** Presses Tab until what has the focus is called so; a person would do the same. */
async function tabTo(page: Page, name: RegExp, pressesMax = 60): Promise<void> {
  for (let press = 0; press < pressesMax; press += 1) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(() => {
      const focused = document.activeElement as HTMLElement | null;
      if (focused === null || focused === document.body) return '';
      const labels = Array.from(focused instanceof HTMLInputElement ? (focused.labels ?? []) : []);
      return (
        focused.getAttribute('aria-label') ??
        (labels.map((one) => one.textContent).join(' ') || (focused.textContent ?? ''))
      ).trim();
    });
    if (name.test(label)) return;
  }
  throw new Error(`Tab does not lead to ${String(name)}`);
}

/** Whether what has the focus shows that it has. */
async function expectFocusSeen(page: Page): Promise<void> {
  const outline = await page.evaluate(() => {
    const focused = document.activeElement;
    if (focused === null) return '';
    const own = getComputedStyle(focused).outlineStyle;
    const after = getComputedStyle(focused, '::after').outlineStyle;
    return own === 'none' ? after : own;
  });
  expect(outline).not.toBe('none');
}

/** Opens a runner's menu and chooses, with keys. */
async function fromMenu(page: Page, runner: string, action: string): Promise<void> {
  await tabTo(page, new RegExp(`^Actions for ${runner}$`));
  await page.keyboard.press('Enter');
  const entry = page.getByRole('menuitem', { name: action });
  await expect(entry).toBeVisible();
  for (let press = 0; press < 10; press += 1) {
    if (await entry.evaluate((one) => one === document.activeElement)) break;
    await page.keyboard.press('ArrowDown');
  }
  await expect(entry).toBeFocused();
  await page.keyboard.press('Enter');
}

test('a workspace is managed by keyboard alone', async ({ page }) => {
  const { slug } = await newWorkspace(page, 'By keyboard');
  await page.goto(`/w/${slug}/jobs`);
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();

  await tabTo(page, /^People$/);
  await expectFocusSeen(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();

  await tabTo(page, /Invite people/);
  await expectFocusSeen(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByLabel('E-mail address')).toBeFocused();
  const { email } = credentials('Vera');
  await page.keyboard.type(email);
  await tabTo(page, /^Member/);
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: /^Viewer/ })).toBeChecked();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByLabel('Invitation link')).toBeVisible();
  await tabTo(page, /^Done$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const row = page.locator(`tr[data-invitation="${email}"]`);
  await expect(row).toContainText('Viewer');

  await tabTo(page, new RegExp(`invitation of ${email}`));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Make a new link' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await tabTo(page, /^Revoke invitation$/);
  await page.keyboard.press('Enter');
  await expect(row).toContainText('Revoked');

  // A refused entry is reached, says why, and does nothing.
  await page.goto(`/w/${slug}/people`);
  await tabTo(page, /^Actions for /);
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  const refused = page.getByRole('menuitem', { name: /Remove from workspace/ });
  await expect(refused).toBeFocused();
  await expect(refused).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^Actions for / }).first()).toBeFocused();

  await page.goto(`/w/${slug}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await tabTo(page, /^Delete workspace…$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /Type the workspace/);
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await expect(page).not.toHaveURL(new RegExp(slug));
});

test('notifications and the account are reached by keyboard', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/people`);
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
  await tabTo(page, /^Notifications/);
  await expectFocusSeen(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^Notifications/ })).toBeFocused();
  await tabTo(page, /^Account of/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Account settings' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/account');
  await tabTo(page, /^API tokens$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /New token/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Name$/);
  await page.keyboard.type('by keyboard');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Token', { exact: true })).toBeVisible();
  await tabTo(page, /I have copied it/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Revoke by keyboard$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Revoke token$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row').filter({ hasText: 'by keyboard' })).toHaveCount(0);
});

test('a runner is found, renamed, shared, disabled and removed by keyboard alone', async ({ page }) => {
  const machine = await new StandIn('by-keys').connect(page.request);
  const row = page.locator('tr[data-runner="by-more-keys"]');
  try {
    await page.goto(`/w/${instance.workspace}/jobs`);
    await tabTo(page, /^Runners$/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^All Runners/);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/tab=all/);
    await tabTo(page, /^Filter runners/);
    await page.keyboard.type('by-keys');
    await expect(page.locator('tr[data-runner]')).toHaveCount(1);

    await fromMenu(page, 'by-keys', 'Rename');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('by-more-keys');
    await page.keyboard.press('Enter');
    await page.goto(`/w/${instance.workspace}/runners?search=by-more-keys`);
    await expect(row).toContainText('Private');

    await fromMenu(page, 'by-more-keys', 'Share…');
    await tabTo(page, /^Share$/);
    await expectFocusSeen(page);
    await page.keyboard.press('Enter');
    await expect(row).toContainText('Shared');

    await fromMenu(page, 'by-more-keys', 'Disable…');
    await expect(page.getByRole('dialog').getByLabel('Reason')).toBeFocused();
    await page.keyboard.type('nobody needs a mouse');
    await page.keyboard.press('Enter');
    await expect(row).toContainText('nobody needs a mouse');

    await tabTo(page, /^by-more-keys$/);
    await expectFocusSeen(page);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'by-more-keys' })).toBeVisible();
    await fromMenu(page, 'by-more-keys', 'Remove…');
    // It says that it is at work, so its name is typed.
    await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
    await page.keyboard.type('by-more-keys');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/runners$/);
    await expect.poll(() => machine.sync()).toBe(410);
  } finally {
    await removeAll(page.request, [machine]);
  }
});

test('the audit log and the page for a new runner are used by keyboard alone', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/settings`);
  await tabTo(page, /^Audit log$/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/audit$/);
  await tabTo(page, /^Everybody/);
  await expectFocusSeen(page);
  await tabTo(page, /^Export: CSV/);
  await expectFocusSeen(page);
  await page.goto(`/w/${instance.workspace}/runners`);
  await tabTo(page, /^Download Runner$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Command line$/);
  await expectFocusSeen(page);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Make a one-time token$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Waiting for your runner…')).toBeVisible();
});
