import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { expectState, log } from '../support/jobs';
import { expect, test } from '../support/test';

test('a job is written and started by keyboard alone', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/jobs`);
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
  await page.keyboard.press('c');
  await expect(page.getByLabel('Title')).toBeFocused();

  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Give the job a title.')).toBeVisible();
  await expect(page.getByText('Say what should be done.')).toBeVisible();
  await expect(page.getByText(/1 runner can take this now|\d+ runners can take this now/)).toBeVisible();
  await expectAccessible(page, 'new-job');

  await page.getByLabel('Title').focus();
  await page.keyboard.type('Written by keyboard');
  await page.keyboard.press('Tab');
  await page.keyboard.type('say typed by hand');
  await expect(page.getByText('Draft kept in this browser')).toBeVisible();

  await page.reload();
  await expect(page.getByLabel('Title')).toHaveValue('Written by keyboard');
  await expect(page.getByLabel('Instructions')).toHaveValue('say typed by hand');

  await page.keyboard.press('Control+Enter');
  await expect(page).toHaveURL(/\/jobs\/\d+$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Written by keyboard' })).toBeVisible();
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('typed by hand');

  await page.goto(`/w/${instance.workspace}/jobs/new`);
  await expect(page.getByLabel('Title')).toHaveValue('');
});

test('attachments go along, and a job can wait in Backlog', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/jobs/new`);
  await page.getByLabel('Title').fill('With a file');
  await page.getByLabel('Instructions').fill('say read it');
  await page.getByLabel('Add files…').setInputFiles({
    name: 'notes.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('remember the milk'),
  });
  await expect(page.getByText('notes.txt')).toBeVisible();
  await page.getByRole('button', { name: 'Save to Backlog' }).click();

  await expectState(page, 'Backlog');
  await expect(page.getByRole('complementary')).toContainText('notes.txt');
  await expectAccessible(page, 'job-backlog');
  await page.getByRole('button', { name: 'Start job' }).click();
  await expectState(page, 'Done');
});

test('the form says why nobody can take a job', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/jobs/new`);
  await page.getByLabel('Who may take it').selectOption('team');
  await expect(page.getByText(/No runner can take this now/)).toBeVisible();
  await expect(page.getByText('The job will wait until one can.')).toBeVisible();
});
