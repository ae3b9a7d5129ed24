import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { expectState, jobState, log, startJob } from '../support/jobs';
import { expect, test } from '../support/test';

test('a job is followed live to Done, and its artifact is downloaded whole', async ({ page }) => {
  await startJob(page, 'Followed live', [
    'say first words',
    'ask Shall it go on? | Yes',
    'write notes.txt inside',
    'output report.txt all good',
    'say last words',
  ]);
  await expectState(page, 'In Progress');
  await expect(log(page)).toContainText('first words');
  // It stands still until it is answered, so that it is seen under way however slow the page is.
  await page.getByLabel('Yes').check();
  await page.getByRole('button', { name: 'Send answer' }).click();
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('last words');
  await expect(page.getByText('Complete')).toBeVisible();
  await expectAccessible(page, 'job-done');

  const artifact = page.getByRole('link', { name: /report\.txt/ });
  const [download] = await Promise.all([page.waitForEvent('download'), artifact.click()]);
  const digest = createHash('sha256')
    .update(await readFile(await download.path()))
    .digest('hex');
  expect(download.suggestedFilename()).toBe('report.txt');
  await expect(page.getByRole('button', { name: `Copy SHA-256: ${digest.slice(0, 12)}` })).toHaveAttribute(
    'title',
    `Copy SHA-256: ${digest}`,
  );

  await page.getByRole('radio', { name: 'Timeline' }).check({ force: true });
  await expect(page).toHaveURL(/view=timeline/);
  await expect(page.getByRole('list', { name: 'Timeline' })).toContainText('Succeeded');
  await expectAccessible(page, 'job-timeline');
});

test('a flood is followed, searched, and can be left and taken up again', async ({ page }) => {
  const lines = 20_000;
  await startJob(page, 'A flood', [
    'say before the flood',
    `flood ${String(lines)} 80`,
    'say needle at the end',
  ]);
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('needle at the end');

  // Only the lines in view are in the page, however many there are.
  expect(await log(page).locator('[data-index]').count()).toBeLessThan(200);

  await log(page).hover();
  await page.mouse.wheel(0, -3000);
  const pill = page.getByRole('button', { name: /^↓/ });
  await expect(pill).toBeVisible();
  await expect(log(page)).not.toContainText('needle at the end');
  await pill.click();
  await expect(log(page)).toContainText('needle at the end');

  // A page that is opened later loads the end first, and the rest only when it is wanted.
  await page.reload();
  await expect(log(page)).toContainText('needle at the end');
  await log(page).press('/');
  await page.keyboard.type('before the flood');
  await expect(page.getByText('no match')).toBeVisible();
  await page.getByRole('button', { name: 'Load all' }).click();
  await expect(page.getByText('– of 1')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(log(page).locator('mark')).toHaveText('before the flood');
  await expectAccessible(page, 'job-search');
});

test('markup in titles and logs stays text', async ({ page }) => {
  await startJob(page, '<img src=x onerror="document.title=1"> & more', [
    'say <script>document.title=2</script><b>bold</b>',
  ]);
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('<script>document.title=2</script><b>bold</b>');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    '<img src=x onerror="document.title=1"> & more',
  );
  await expect(page).toHaveTitle(/<img src=x/);
});

test('a job that fails says why', async ({ page }) => {
  await startJob(page, 'Bound to fail', ['say trying', 'fail permanent the cupboard is empty']);
  await expectState(page, 'Failed');
  await expect(jobState(page)).toContainText('the cupboard is empty');
  await expectAccessible(page, 'job-failed');
});

test('a failed job is tried again, and its agent hears what was said', async ({ page }) => {
  await startJob(page, 'Bound to fail twice', ['recite', 'fail permanent the cupboard is empty']);
  await expectState(page, 'Failed');
  await page.getByRole('button', { name: 'Try again…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Feedback').fill('Open the other one.');
  await expectAccessible(page, 'job-retry');
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await expect(dialog).toBeHidden();
  await expect(log(page)).toContainText('What a person said to it: Open the other one.');
  await expectState(page, 'Failed');
  const facts = page.getByRole('complementary', { name: 'Facts' });
  await facts.getByRole('link', { name: 'Attempt 1' }).click();
  await expect(facts.getByRole('heading', { name: 'Feedback to attempt 1' })).toBeVisible();
  await expect(facts).toContainText('Open the other one.');
});

test('a job is cancelled after a confirmation', async ({ page }) => {
  await startJob(page, 'To be called off', ['say under way', 'wait 50s', 'say never said']);
  await expect(log(page)).toContainText('under way');
  await page.getByRole('button', { name: 'Cancel job…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('The agent and everything that it started are ended.');
  await expectAccessible(page, 'job-cancel');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Cancel job…' })).toBeFocused();

  await page.getByRole('button', { name: 'Cancel job…' }).click();
  await dialog.getByRole('button', { name: 'Cancel job' }).click();
  await expectState(page, 'Cancelled');
  await expect(log(page)).not.toContainText('never said');
});

test('the list is narrowed by state and words, which stand in the address', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/jobs`);
  await expectAccessible(page, 'jobs');
  await page.getByText('Cancelled', { exact: true }).first().click();
  await expect(page).toHaveURL(/state=cancelled/);
  await page.keyboard.press('/');
  await page.getByRole('searchbox', { name: 'Search jobs' }).fill('called off');
  await expect(page).toHaveURL(/search=called\+off/);
  await expect(page.getByRole('link', { name: /To be called off/ }).first()).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search jobs' }).fill('nothing is called this');
  await expect(page.getByText('No job matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page).toHaveURL(`/w/${instance.workspace}/jobs`);
});

test('addresses of nothing say so', async ({ page }) => {
  await page.goto('/nowhere');
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
  await expectAccessible(page, 'not-found');
  await page.goto(`/w/${instance.workspace}/jobs/999999`);
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
  await page.goto('/w/not-a-workspace-of-mine/jobs');
  await expect(page.getByRole('heading', { name: 'This workspace is not yours' })).toBeVisible();
});
