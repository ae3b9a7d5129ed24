import type { Locator, Page } from '@playwright/test';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { StandIn, removeAll } from '../support/stand-in';
import { expect, test } from '../support/test';

const runners = `/w/${instance.workspace}/runners`;
const row = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
/** Opens a row's menu and chooses from it, by keyboard alone. */
async function choose(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).focus();
  await page.keyboard.press('Enter');
  const item = page.getByRole('menuitem', { name: action });
  await expect(item).toBeVisible();
  while (!(await item.evaluate((element) => element === document.activeElement)))
    await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
}
const names = (page: Page): Promise<string[]> =>
  page.locator('tr[data-runner]').evaluateAll((rows) => rows.map((one) => one.getAttribute('data-runner') ?? ''));

let fleet: StandIn[] = [];
test.beforeEach(async ({ page }) => {
  fleet = [new StandIn('zeta-mac', 'macos'), new StandIn('alpha-9'), new StandIn('alpha-10')];
  for (const machine of fleet) await machine.connect(page.request);
});
test.afterEach(async ({ page }) => removeAll(page.request, fleet));

test('filters and order stand in the address', async ({ page }) => {
  await page.goto(`${runners}?tab=all&search=alpha`);
  await expect(row(page, 'alpha-9')).toBeVisible();
  expect(await names(page)).toEqual(['alpha-9', 'alpha-10']);
  await page.getByRole('button', { name: 'Runner', exact: true }).click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect.poll(() => names(page)).toEqual(['alpha-10', 'alpha-9']);
  await expect(page.getByRole('columnheader', { name: 'Runner', exact: true })).toHaveAttribute('aria-sort', 'descending');

  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByLabel('System', { exact: true }).selectOption('macos');
  await expect.poll(() => names(page)).toEqual(['zeta-mac']);
  await page.reload();
  await expect.poll(() => names(page)).toEqual(['zeta-mac']);
  await page.getByLabel('Status', { exact: true }).selectOption('offline');
  await expect(page.getByText('No runner matches')).toBeVisible();
});

test('a runner is renamed in its row, and the name can be had back', async ({ page }) => {
  await page.goto(runners);
  await choose(page, 'zeta-mac', 'Rename');
  const field = page.getByRole('textbox', { name: 'New name of zeta-mac' });
  await expect(field).toBeFocused();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await expect(page.getByText('A runner needs a name.')).toBeVisible();
  await page.keyboard.type('renamed-mac');
  await page.keyboard.press('Enter');
  await expect(row(page, 'renamed-mac')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Actions for renamed-mac' })).toBeFocused();
  await page.keyboard.press('F6');
  await page.keyboard.press('Enter');
  await expect(row(page, 'zeta-mac')).toBeVisible();
});

test('what is written in a name stays while the runner is told anew', async ({ page }) => {
  await page.goto(runners);
  await choose(page, 'zeta-mac', 'Rename');
  await expect(page.getByRole('textbox', { name: 'New name of zeta-mac' })).toBeFocused();
  await page.keyboard.type('half ');
  const paused = await page.request.post(`/api/v1/runners/${fleet[0]?.id}/pause`, { data: {} });
  expect(paused.ok(), await paused.text()).toBe(true);
  await fleet[0]?.sync();
  await fleet[0]?.sync();
  await expect(page.locator('tr[data-runner="zeta-mac"]')).toContainText('Paused');
  await page.keyboard.type('written');
  await page.keyboard.press('Enter');
  await expect(row(page, 'half written')).toBeVisible();
});

test('sharing says what it means, and is taken back the same way', async ({ page }) => {
  await page.goto(runners);
  await expect(row(page, 'zeta-mac')).toContainText('Private');
  await choose(page, 'zeta-mac', 'Share…');
  const question = page.getByRole('dialog', { name: 'Share zeta-mac?' });
  await expect(question).toContainText('will be able to run their jobs on it');
  await expectAccessible(page, 'runner-share');
  await question.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(row(page, 'zeta-mac')).toContainText('Shared');
  await expect(page.getByRole('button', { name: 'Actions for zeta-mac' })).toBeFocused();
  await choose(page, 'zeta-mac', 'Make private…');
  await page.getByRole('button', { name: 'Make private' }).click();
  await expect(row(page, 'zeta-mac')).toContainText('Private');
});

test('a pause from here is carried out by the runner, with its note', async ({ page }) => {
  await page.goto(runners);
  await choose(page, 'zeta-mac', 'Pause…');
  await page.getByRole('radio', { name: '15 minutes' }).check();
  await page.getByLabel('Note').fill('On a train');
  await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText('zeta-mac: will pause')).not.toHaveCount(0);
  await fleet[0]?.sync();
  await fleet[0]?.sync();
  await expect(row(page, 'zeta-mac')).toContainText('Paused until');
  await expect(row(page, 'zeta-mac')).toContainText('On a train');
  await choose(page, 'zeta-mac', 'Resume');
  await fleet[0]?.sync();
  await fleet[0]?.sync();
  await expect(row(page, 'zeta-mac')).not.toContainText('Paused');
});

test('several are disabled at once, with a reason that everybody sees', async ({ page }) => {
  await page.goto(`${runners}?search=alpha`);
  await page.getByRole('checkbox', { name: 'Select all runners' }).check();
  const bar = page.getByRole('region', { name: 'Selected runners' });
  await expect(bar).toContainText('2 selected');
  await expectAccessible(page, 'runners-selected');
  await bar.getByRole('button', { name: 'Disable 2 runners…' }).click();
  const question = page.getByRole('dialog', { name: 'Disable 2 runners?' });
  await expect(question.getByLabel('Reason')).toBeFocused();
  await question.getByRole('button', { name: 'Disable 2 runners' }).click();
  await expect(question).toContainText('Say why');
  await question.getByLabel('Reason').fill('The disk is nearly full');
  await page.keyboard.press('Enter');
  for (const name of ['alpha-9', 'alpha-10']) {
    await expect(row(page, name)).toContainText('Disabled');
    await expect(row(page, name)).toContainText('The disk is nearly full');
  }
  await expect(bar).toBeHidden();
  await page.getByRole('checkbox', { name: 'Select all runners' }).check();
  await bar.getByRole('button', { name: 'Enable 2 runners' }).click();
  await expect(row(page, 'alpha-9')).not.toContainText('Disabled');
});

test('a runner that is removed is gone everywhere, and its credentials with it', async ({ page }) => {
  const [machine] = fleet;
  await page.goto(`${runners}/${machine?.id ?? ''}`);
  await expect(page.getByRole('heading', { level: 1, name: 'zeta-mac' })).toBeVisible();
  await page.getByRole('button', { name: 'Actions for zeta-mac' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  const question = page.getByRole('dialog', { name: 'Remove zeta-mac?' });
  await expect(question).toContainText('can be registered again');
  await expectAccessible(page, 'runner-remove');
  // It says that its slot is in use, so its name has to be typed.
  await expect(question.getByLabel('Type zeta-mac to confirm')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(question).toBeVisible();
  await page.keyboard.type('zeta-mac');
  await question.getByRole('button', { name: 'Remove and revoke key' }).click();
  await expect(page).toHaveURL(new RegExp(`${runners}$`));
  await expect(row(page, 'alpha-9')).toBeVisible();
  await expect(row(page, 'zeta-mac')).toHaveCount(0);
  expect(await machine?.sync()).not.toBe(200);

  // The same installation comes back as the same runner.
  const former = machine?.id;
  await machine?.connect(page.request);
  expect(machine?.id).toBe(former);
  await expect(row(page, 'zeta-mac')).toBeVisible();
});

test('a runner’s own page says what it takes, and why not', async ({ page }) => {
  const [machine] = fleet;
  await page.goto(`${runners}/${machine?.id ?? ''}`);
  const main = page.getByRole('main');
  await expect(main).toContainText('It takes no new job now:');
  await expect(main).toContainText('all its slots are in use');
  await expect(main).toContainText('it is not shared in this workspace');
  await expect(main.getByRole('heading', { name: 'Timeline' })).toBeVisible();
  await expect(main).toContainText('zeta-mac.lan');
  await expectAccessible(page, 'runner');
  await page.goto(`${runners}/00000000-0000-7000-8000-000000000000`);
  await expect(page.getByRole('heading', { name: 'There is no such runner here' })).toBeVisible();
});
