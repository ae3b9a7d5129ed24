import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { expectState } from '../support/jobs';
import { StandIn, removeAll } from '../support/stand-in';
import { expect, test } from '../support/test';

const form = `/w/${instance.workspace}/jobs/new`;

test('a job for one runner waits for it, says why, and goes on when another is chosen', async ({ page }) => {
  const machine = await new StandIn('full-box').connect(page.request);
  try {
    await page.goto(form);
    await page.getByLabel('Title').fill('For one runner');
    await page.getByLabel('Instructions').fill('say done elsewhere');
    await page.getByLabel('Agent').selectOption('demo');
    await page.getByLabel('Who may take it').selectOption('runner');
    await page.getByLabel('Find a runner').fill(machine.name);
    await page.getByRole('radio', { name: new RegExp(machine.name) }).check();
    await expect(page.getByText('No runner can take this now')).toBeVisible();
    await expect(page.getByText('all slots are in use')).toBeVisible();
    await expectAccessible(page, 'new-job-specific');
    await page.getByRole('button', { name: 'Start job' }).click();

    await expectState(page, 'Ready');
    const eligible = page.getByRole('region', { name: 'Runners for this job' });
    await expect(eligible).toContainText('No runner can take this now');
    await expectAccessible(page, 'job-held');
    await eligible.getByRole('button', { name: 'Choose others…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who may take it').selectOption('my');
    await expect(dialog.getByText(/runners? can take this now/)).toBeVisible();
    await expectAccessible(page, 'job-choose');
    await dialog.getByRole('button', { name: 'Use this choice' }).click();
    await expectState(page, 'Done');
  } finally {
    await removeAll(page.request, [machine]);
  }
});

test('a job in Backlog can be rewritten and made urgent, and a Ready one comes back', async ({ page }) => {
  const machine = await new StandIn('slow-box').connect(page.request);
  try {
    await page.goto(form);
    await page.getByLabel('Title').fill('Not yet right');
    await page.getByLabel('Instructions').fill('say something');
    await page.getByLabel('Who may take it').selectOption('runner');
    await page.getByRole('radio', { name: new RegExp(machine.name) }).check();
    await page.getByRole('button', { name: 'Save to Backlog' }).click();
    await expectState(page, 'Backlog');

    await page.getByRole('button', { name: 'Edit…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Title').fill('Right now');
    await expectAccessible(page, 'job-edit');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Right now' })).toBeVisible();
    const saved = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await page.getByLabel('Priority').selectOption('urgent');
    expect((await saved).ok()).toBe(true);
    await page.reload();
    await expect(page.getByLabel('Priority')).toHaveValue('urgent');

    await page.getByRole('button', { name: 'Start job' }).click();
    await expectState(page, 'Ready');
    await page.getByRole('button', { name: 'Back to Backlog' }).click();
    await expectState(page, 'Backlog');
  } finally {
    await removeAll(page.request, [machine]);
  }
});
