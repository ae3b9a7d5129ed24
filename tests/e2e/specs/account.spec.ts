import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { submitJob } from '../support/jobs';
import { freshBrowser, newMember, signIn } from '../support/people';
import { expect, test } from '../support/test';

test('the name is changed, and others see it', async ({ page, browser }) => {
  const kim = await newMember(browser, page, 'Kim', 'member');
  await kim.page.goto('/account');

  await expectAccessible(kim.page, 'account');
  await kim.page.getByLabel('Name', { exact: true }).fill('Kim the Second');
  await kim.page.keyboard.press('Enter');
  await expect(kim.page.getByRole('button', { name: 'Account of Kim the Second' })).toBeVisible();
  await page.goto(`/w/${instance.workspace}/people?search=kim`);
  await expect(page.locator('tr[data-member="kim@example.org"]')).toContainText('Kim the Second');
  await kim.context.close();
});

test('a new password signs out every other browser', async ({ page, browser }) => {
  const lea = await newMember(browser, page, 'Lea', 'member');
  const other = await freshBrowser(browser);
  await other.page.goto('/sign-in');
  await signIn(other.page, lea.email, lea.password);
  await expect(other.page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();

  await lea.page.goto('/account/security');
  await expect(lea.page.getByRole('row').filter({ hasText: 'this one' })).toHaveCount(1);
  await expect(lea.page.getByRole('button', { name: /^Sign out / })).toHaveCount(3);
  await expectAccessible(lea.page, 'account-security');
  await lea.page.getByLabel('Current password').fill('certainly not this one');
  await lea.page.getByLabel('New password').fill('something longer than that');
  await lea.page.keyboard.press('Enter');
  await expect(lea.page.getByText('The current password is not right.')).toBeVisible();
  await lea.page.getByLabel('Current password').fill(lea.password);
  await lea.page.getByRole('button', { name: 'Change password' }).click();
  await expect(lea.page.getByText('All other browsers were signed out.')).toBeVisible();
  await other.page.reload();
  await expect(other.page).toHaveURL(/\/sign-in/);
  await other.context.close();
  await lea.context.close();
});

test('a browser is signed out from another one', async ({ page, browser }) => {
  const mia = await newMember(browser, page, 'Mia', 'member');
  const other = await freshBrowser(browser);
  await other.page.goto('/sign-in');
  await signIn(other.page, mia.email, mia.password);
  await expect(other.page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
  await mia.page.goto('/account/security');
  const theirs = mia.page.getByRole('row').filter({ hasNotText: 'this one' });
  await theirs.getByRole('button', { name: /^Sign out/ }).click();
  await expect(mia.page.getByRole('table', { name: /^Browsers/ }).getByRole('row')).toHaveCount(2);
  await other.page.reload();
  await expect(other.page).toHaveURL(/\/sign-in/);
  await other.context.close();
  await mia.context.close();
});

test('a token is shown once, does what its scopes say, and no more once it is revoked', async ({
  page,
  playwright,
}) => {
  await page.goto('/account/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Read').uncheck();
  await dialog.getByRole('button', { name: 'Make token' }).click();
  await expect(dialog.getByText('Enter a name.')).toBeVisible();
  await expect(dialog.getByText('Choose at least one.')).toBeVisible();
  await expectAccessible(page, 'token-new');
  await dialog.getByLabel('Name', { exact: true }).fill('browser test');
  await dialog.getByLabel('Read').check();
  await dialog.getByRole('button', { name: 'Make token' }).click();
  const secret = await dialog.getByLabel('Token', { exact: true }).inputValue();
  await expectAccessible(page, 'token-made');
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'browser test' })).toContainText('Read');
  await expect(page.locator('body')).not.toContainText(secret);
  await expectAccessible(page, 'account-tokens');

  const script = await playwright.request.newContext({
    baseURL: instance.url,
    extraHTTPHeaders: { authorization: `Bearer ${secret}` },
    storageState: { cookies: [], origins: [] },
  });
  expect((await script.get(`/api/v1/workspaces/${instance.workspace}/jobs`)).status()).toBe(200);
  const refused = await script.post(`/api/v1/workspaces/${instance.workspace}/jobs`, {
    data: { title: 'x', instructions: 'x', target: { kind: 'my' }, ready: false },
  });
  expect(refused.status()).toBe(403);

  await page.getByRole('button', { name: 'Revoke browser test' }).click();
  await page.getByRole('button', { name: 'Revoke token' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'browser test' })).toHaveCount(0);
  expect((await script.get(`/api/v1/workspaces/${instance.workspace}/jobs`)).status()).toBe(401);
  await script.dispose();
});

test('plan, own runners, activity and what to be told are in view', async ({ page }) => {
  await page.goto('/account/plan');
  await expect(page.getByRole('heading', { name: /^Plan: / })).toBeVisible();
  await expect(page.getByText('Jobs at once')).toBeVisible();
  await expectAccessible(page, 'account-plan');
  await page.goto('/account/runners');
  await expect(page.getByRole('row').filter({ hasText: 'Online' }).first()).toBeVisible();
  await expectAccessible(page, 'account-runners');
  await page.goto('/account/activity');
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await expectAccessible(page, 'account-activity');

  await page.goto('/account/notifications');
  const box = page.getByLabel('A job of yours is done');
  await expect(box).toBeChecked();
  await expectAccessible(page, 'account-notifications');
  const saved = page.waitForResponse(
    (response) => response.url().endsWith('/notification-settings') && response.request().method() === 'PUT',
  );
  await box.uncheck();
  expect((await saved).ok()).toBe(true);
  await page.reload();
  await expect(box).not.toBeChecked();
  await box.check();
});

test('the bell tells of a failed job, and leads to it', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/people`);
  await expect(page.getByRole('button', { name: /^Notifications/ })).toBeVisible();
  const { number } = await submitJob(page, 'Fails for the bell', ['fail on purpose']);
  const bell = page.getByRole('button', { name: /^Notifications, \d+ not seen yet/ });
  await expect(bell).toBeVisible({ timeout: 45_000 });
  await bell.click();
  const told = page.getByRole('link', { name: new RegExp(`#${String(number)}\\b`) }).first();
  await expect(told).toBeVisible();
  await expectAccessible(page, 'notifications');
  await told.click();
  await expect(page).toHaveURL(`/w/${instance.workspace}/jobs/${String(number)}`);
  await page.getByRole('button', { name: /^Notifications/ }).click();
  const all = page.getByRole('button', { name: 'Mark all as seen' });
  if (await all.isVisible()) await all.click();
  await expect(page.getByRole('button', { name: 'Notifications', exact: true })).toBeVisible();
});

test('an account is deleted after its address was typed', async ({ page, browser }) => {
  const nora = await newMember(browser, page, 'Nora', 'member');
  await nora.page.goto('/account');
  await nora.page.getByRole('button', { name: 'Delete account…' }).click();
  const dialog = nora.page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill(nora.password);
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await expect(dialog.getByText(`Type exactly: ${nora.email}`)).toBeVisible();
  await expectAccessible(nora.page, 'account-delete');
  await dialog.getByLabel('Type your e-mail address').fill(nora.email);
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await expect(nora.page).toHaveURL(/\/sign-in/);
  await signIn(nora.page, nora.email, nora.password);
  await expect(nora.page.getByText('do not match')).toBeVisible();
  await page.goto(`/w/${instance.workspace}/people`);
  await expect(page.locator('tr[data-member]').first()).toBeVisible();
  await expect(page.locator(`tr[data-member="${nora.email}"]`)).toHaveCount(0);
  await nora.context.close();
});
