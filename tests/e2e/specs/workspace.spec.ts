import { readFile } from 'node:fs/promises';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { expectState, log, startJob } from '../support/jobs';
import { credentials, newMember, newWorkspace } from '../support/people';
import { expect, test } from '../support/test';

test('a workspace is made, renamed and deleted', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /^Workspace .*, switch$/ }).click();
  await expectAccessible(page, 'workspace-menu');
  await page.getByRole('menuitem', { name: 'Create workspace…' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Büro & Söhne');
  await expect(page.getByLabel('Name in addresses')).toHaveValue('buro-sohne');
  await expectAccessible(page, 'workspace-new');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/w/buro-sohne/people');

  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await expectAccessible(page, 'workspace-settings');
  await page.getByLabel('Name', { exact: true }).fill('Office');
  await page.getByLabel('Name in addresses').fill('Not fit');
  await expect(page.getByText('Use lower-case letters, digits')).toBeVisible();
  await page.getByLabel('Name in addresses').fill('office');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page).toHaveURL('/w/office/settings');
  await expect(page.getByRole('button', { name: 'Workspace Office, switch' })).toBeVisible();

  await expect(page.getByRole('button', { name: 'Leave workspace…' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await expect(page.getByText('The owner cannot leave.')).toBeVisible();
  await page.getByRole('button', { name: 'Delete workspace…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Type the workspace’s name').fill('office');
  await dialog.getByRole('button', { name: 'Delete workspace' }).click();
  await expect(dialog.getByText('Type exactly: Office')).toBeVisible();
  await expectAccessible(page, 'workspace-delete');
  await dialog.getByLabel('Type the workspace’s name').fill('Office');
  await page.keyboard.press('Enter');
  await expect(page).not.toHaveURL(/office/);
  await page.goto('/w/office/jobs');
  await expect(page.getByText('This workspace is not yours')).toBeVisible();
  await expectAccessible(page, 'workspace-foreign');
});

test('a workspace is handed over, and its former owner can leave', async ({ page, browser }) => {
  const { slug } = await newWorkspace(page, 'Handed over');
  const ines = await newMember(browser, page, 'Ines', 'member', slug);
  await page.goto(`/w/${slug}/settings`);
  await page.getByRole('button', { name: 'Transfer workspace…' }).click();
  await page.getByLabel('New owner').selectOption({ label: `Ines (${credentials('Ines').email})` });
  await expectAccessible(page, 'workspace-transfer');
  await page.getByRole('dialog').getByRole('button', { name: 'Transfer workspace' }).click();
  await expect(page.getByText('Your role is Admin.')).toBeVisible();

  await ines.page.goto(`/w/${slug}/settings`);
  await expect(ines.page.getByText('Your role is Owner.')).toBeVisible();
  await page.getByRole('button', { name: 'Leave workspace…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave workspace' }).click();
  await expect(page).not.toHaveURL(new RegExp(slug));
  await ines.page.goto(`/w/${slug}/people`);
  await expect(ines.page.locator('tr[data-member]')).toHaveCount(1);
  await ines.context.close();
});

test('the audit log tells who did what, narrowed by its address, and as a file', async ({
  page,
  browser,
}) => {
  const { slug } = await newWorkspace(page, 'Recorded');
  const jan = await newMember(browser, page, 'Jan', 'member', slug);
  await page.goto(`/w/${slug}/people`);
  await page.getByRole('button', { name: 'Role of Jan: Member' }).click();
  await page.getByRole('menuitemcheckbox', { name: /^Admin/ }).click();
  await expect(page.getByRole('button', { name: 'Role of Jan: Admin' })).toBeVisible();

  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('link', { name: 'Audit log' }).click();
  const changed = page.getByRole('row').filter({ hasText: 'role changed' });
  await expect(changed).toContainText(jan.email);
  await changed.getByText('role changed').click();
  await expect(changed).toContainText('admin');
  await expectAccessible(page, 'audit');

  await page.getByLabel('What').selectOption('invitation');
  await expect(page).toHaveURL(/action=invitation/);
  await expect(page.getByRole('row').filter({ hasText: 'role changed' })).toHaveCount(0);
  await expect(page.getByRole('row').filter({ hasText: 'Invitation' }).first()).toBeVisible();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /CSV/ }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain('invitation');
  expect(text).not.toContain('role_changed');

  await jan.page.goto(`/w/${slug}/audit?action=nothing-like-it`);
  await expect(jan.page.getByText('Nothing matches')).toBeVisible();
  await jan.page.getByRole('button', { name: 'Clear filter' }).first().click();
  await expect(jan.page.getByRole('row').nth(1)).toBeVisible();
  await jan.context.close();
});

test('house rules are kept, and an agent is told them with its job', async ({ page, browser }) => {
  const settings = `/w/${instance.workspace}/settings`;
  await page.goto(settings);
  const field = page.getByLabel('Rules for agents');
  const save = page.getByRole('button', { name: 'Save rules' });
  await field.fill('x'.repeat(16 * 1024 + 1));
  await expect(page.getByText('Too long by 1 byte')).toBeVisible();
  await expect(save).toHaveAttribute('aria-disabled', 'true');
  const rules = 'Write British English.\nLeave <b>main</b> alone.';
  await field.fill(rules);
  await expectAccessible(page, 'workspace-rules');
  await save.click();
  await expect(page.getByRole('main').getByText('Saved.')).toBeVisible();
  await page.reload();
  await expect(field).toHaveValue(rules);

  // The demo agent says all that it was told.
  await startJob(page, 'Knows the rules', ['recite']);
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('Rules that hold for every job here:');
  await expect(log(page)).toContainText('Leave <b>main</b> alone.');

  const olga = await newMember(browser, page, 'Olga', 'member');
  await olga.page.goto(settings);
  const read = olga.page.getByLabel('Rules for agents');
  await expect(read).toHaveValue(rules);
  await expect(read).not.toBeEditable();
  await olga.context.close();

  await page.goto(settings);
  await field.fill('');
  await save.click();
  await expect(page.getByRole('main').getByText('Saved.')).toBeVisible();
});
