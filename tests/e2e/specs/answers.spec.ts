import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { expectState, log, openJob, startJob } from '../support/jobs';
import { expect, test } from '../support/test';

test('an allowed command runs, and every page hears who allowed it', async ({ page, context }) => {
  const job = await startJob(page, 'Asks before it acts', ['run echo answer=$((40+2))', 'say went on']);
  const other = await context.newPage();
  await openJob(other, job);

  const card = page.getByRole('region', { name: /wants to run a command/ });
  await expect(card).toContainText('echo answer=$((40+2))');
  await expect(page.getByRole('link', { name: /waiting for you/ })).toBeVisible();
  await expectAccessible(page, 'job-approval');

  // No answer has the focus, and Enter alone gives none.
  await page.keyboard.press('Enter');
  await expect(card.getByRole('button', { name: 'Allow once' })).toBeVisible();

  await card.getByRole('button', { name: 'Allow once' }).click();
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('answer=42');
  await expectState(other, 'Done');
  await other.getByText('Timeline', { exact: true }).click();
  await expect(other.getByRole('list', { name: 'Timeline' })).toContainText(
    /Allowed once by .+ in the web app/,
  );
});

test('a denied command does not run, and the agent reads the note', async ({ page }) => {
  await startJob(page, 'Asks and is denied', ['run echo answer=$((40+2))', 'say went on']);
  const card = page.getByRole('region', { name: /wants to run a command/ });
  await card.getByRole('button', { name: 'Deny with a note…' }).click();
  await card.getByLabel('What should the agent do instead?').fill('use a calculator');
  await card.getByRole('button', { name: 'Deny and send' }).click();

  await expectState(page, 'Done');
  await expect(log(page)).not.toContainText('answer=42');
  await page.getByText('Timeline', { exact: true }).click();
  const timeline = page.getByRole('list', { name: 'Timeline' });
  await expect(timeline).toContainText(/Denied by .+ in the web app/);
  await expect(timeline).toContainText('Note: use a calculator');
});

test('allowing for the job asks only once for the same command', async ({ page }) => {
  await startJob(page, 'Asks twice', ['run echo twice', 'run echo twice', 'say through']);
  const card = page.getByRole('region', { name: /wants to run a command/ });
  await card.getByRole('button', { name: 'Allow for this job' }).click();
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('through');
});

test('a question is answered, from the list of what waits', async ({ page }) => {
  const { number } = await startJob(page, 'Asks what to do', [
    'ask Which colour? | Red | Blue',
    'say thanks',
  ]);
  await expect(page.getByRole('region', { name: /asks a question/ })).toBeVisible();
  await expectAccessible(page, 'job-question');

  await page.goto(`/w/${instance.workspace}/jobs`);
  const waiting = page.getByRole('region', { name: /Needs you/ });
  await expect(waiting).toContainText('Which colour?');
  await expectAccessible(page, 'jobs-waiting');
  await waiting.getByRole('link', { name: new RegExp(`#${String(number)} `) }).click();

  const card = page.getByRole('region', { name: /asks a question/ });
  await card.getByRole('button', { name: 'Send answer' }).click();
  await expect(card.getByText('Choose or write an answer first.')).toBeVisible();
  await card.getByLabel('Blue').check();
  await card.getByRole('button', { name: 'Send answer' }).click();
  await expectState(page, 'Done');
  await page.getByText('Timeline', { exact: true }).click();
  await expect(page.getByRole('list', { name: 'Timeline' })).toContainText('Which colour? – Blue');
});

test('several things are answered at once, and a question is left to the agent', async ({ page }) => {
  await startJob(page, 'Asks several things', [
    'ask Which colour? | Red | Blue || Which sizes? | +Small | +Large | +Huge || What is it called?',
    'ask Which shape? | Round | Square',
    'say thanks',
  ]);
  const card = page.getByRole('region', { name: /asks a question/ }).first();
  await expect(card.getByRole('group', { name: 'Which sizes?' })).toContainText('Choose any that apply.');
  await expectAccessible(page, 'job-questions');
  await card.getByLabel('Blue').check();
  await card.getByLabel('Small').check();
  await card.getByLabel('Huge').check();
  await card.getByRole('button', { name: 'Send answer' }).click();
  await expect(card.getByText('Choose or write an answer first.')).toBeVisible();
  await card.getByLabel('Your answer').fill('the kite');
  await card.getByRole('button', { name: 'Send answer' }).click();

  const shape = page.getByRole('region', { name: /asks a question/ }).filter({ hasText: 'Which shape?' });
  await shape.getByRole('button', { name: 'Let the agent decide' }).click();
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('Which sizes? Small, Huge');
  await expect(log(page)).toContainText('Which shape? Nobody answered.');
  await page.getByText('Timeline', { exact: true }).click();
  const timeline = page.getByRole('list', { name: 'Timeline' });
  await expect(timeline).toContainText('Which sizes? – Small, Huge');
  await expect(timeline).toContainText('What is it called? – the kite');
  await expect(timeline).toContainText(/Left to the agent by .+ in the web app/);
});
