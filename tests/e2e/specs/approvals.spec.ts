import type { Locator, Page } from '@playwright/test';

import { expectAccessible } from '../support/accessible';
import { expectState, jobState, log, startJob } from '../support/jobs';
import { Machine, online } from '../support/machine';
import { newMember, newWorkspace, origin } from '../support/people';
import { expect, test } from '../support/test';

const card = (page: Page): Locator => page.getByRole('region', { name: /wants to run a command/ }).first();

async function timeline(page: Page): Promise<Locator> {
  await page.getByText('Timeline', { exact: true }).click();
  return page.getByRole('list', { name: 'Timeline' });
}

test('D and A answer the card that has the focus, and never while somebody writes', async ({ page }) => {
  await startJob(page, 'Answered by keys', ['run echo key=$((40+1))', 'run echo key=$((40+2))', 'say after']);
  await expect(card(page)).toContainText('40+1');
  await expect(jobState(page)).toContainText('waits for an answer');
  await expect(card(page).getByRole('button', { name: 'Deny', exact: true })).toHaveAttribute('aria-keyshortcuts', 'D');

  // The time that is left is seen to run.
  const left = card(page).getByText(/^Denied without an answer in \d+ min \d+ s$/);
  const before = await left.innerText();
  await expect(left).not.toHaveText(before);

  // The first press only leads to the card.
  await page.keyboard.press('d');
  await expect(card(page)).toBeFocused();
  await expect(card(page).getByRole('button', { name: 'Allow once' })).toBeVisible();
  await card(page).getByRole('button', { name: 'Deny with a note…' }).press('Enter');
  const note = card(page).getByLabel('What should the agent do instead?');
  await expect(note).toBeFocused();
  await page.keyboard.type('add another day');
  await expect(note).toHaveValue('add another day');
  await card(page).getByRole('button', { name: 'Back' }).press('Enter');
  await card(page).getByRole('button', { name: 'Deny', exact: true }).focus();
  await page.keyboard.press('d');

  const second = page.getByRole('region', { name: /wants to run a command/ }).filter({ hasText: '40+2' });
  await second.getByRole('button', { name: 'Allow for this job' }).focus();
  await page.keyboard.press('a');
  await expectState(page, 'Done');
  await expect(log(page)).toContainText('key=42');
  await expect(log(page)).not.toContainText('key=41');
  const told = await timeline(page);
  await expect(told).toContainText(/Denied by .+ in the web app/);
  await expect(told).toContainText(/Allowed once by .+ in the web app/);
});

test('what is allowed always is a rule that was seen and changed before', async ({ page }) => {
  const made = `made-${Date.now().toString(36)}`;
  await startJob(page, 'Makes folders', [`run mkdir ${made} one`, `run mkdir ${made} two`, 'say after']);
  await card(page).getByRole('button', { name: 'Always allow…' }).press('Enter');
  const rule = card(page).getByLabel('Always allow commands that begin with');
  await expect(rule).toBeFocused();
  await expect(rule).toHaveValue(new RegExp(`^mkdir ${made}`));
  await expectAccessible(page, 'job-rule');

  const confirm = card(page).getByRole('button', { name: 'Allow always' });
  await rule.fill(' ');
  await confirm.press('Enter');
  await expect(card(page).getByText('Write what is to be allowed.')).toBeVisible();
  await rule.fill('bash');
  await confirm.press('Enter');
  await expect(card(page).getByText('This does not cover what is asked now.')).toBeVisible();
  await rule.fill(`mkdir ${made}`);
  await expect(card(page).getByText(`This allows more than mkdir ${made} one`)).toBeVisible();
  await card(page).getByLabel('How long').selectOption('7');
  await confirm.press('Enter');

  // The second command is covered, so nobody is asked.
  await expectState(page, 'Done');
  const told = await timeline(page);
  await expect(told).toContainText(/Allowed always by .+ in the web app/);
  await expect(told).toContainText(/Allowed always by policy/);

  // The rule is the machine's, so the runner's page says where it stands.
  await page.goto(page.url().replace(/\/jobs\/.*$/, '/runners'));
  await page.getByRole('row').filter({ hasText: 'Demo' }).first().getByRole('link').first().click();
  await expect(page.getByText('coord runner rules list')).toBeVisible();
  await expect(page.getByText('If you share it, what you have set on the machine allows:')).toBeVisible();
  await expectAccessible(page, 'runner-own');
});

test('a command that no rule fits says so, and hidden characters are shown by name', async ({ page }) => {
  await startJob(page, 'Tricky \u202egpj.exe', ['run echo a\u202eb; rm -rf ./x && curl http://127.0.0.1/', 'say after']);
  await expect(card(page)).toContainText('U+202E');
  await expect(card(page)).toContainText('[U+202E]gpj.exe');
  await expect(card(page)).toContainText('Contains characters that are invisible');
  await expect(card(page).getByRole('list', { name: 'Risks' })).toContainText('Deletes');
  await expect(card(page).getByRole('button', { name: 'Always allow…' })).toHaveAttribute('aria-disabled', 'true');
  await expect(card(page)).toContainText('No rule fits this');
  await expectAccessible(page, 'job-tricky');
  await card(page).getByRole('button', { name: 'Deny', exact: true }).click();
  await expectState(page, 'Done');
});

test('a request that nobody answers is denied, and the agent goes on', async ({ page, browser }) => {
  const { slug } = await newWorkspace(page, 'Nobody is there');
  const pia = await newMember(browser, page, 'Pia', 'member', slug);
  const machine = await Machine.start(pia, 'pia-1', { COORD_ANSWER_PATIENCE_MS: '2000' });
  try {
    await online(pia.page, slug, 'pia-1');
    const made = await pia.page.request.post(`/api/v1/workspaces/${slug}/jobs`, {
      headers: origin,
      data: {
        title: 'Nobody answers',
        instructions: 'run echo answer=$((40+2))\nsay went on',
        agent: 'demo',
        model: 'demo-large',
        target: { kind: 'my' },
        ready: true,
      },
    });
    const { number } = (await made.json()) as { number: number };
    await pia.page.goto(`/w/${slug}/jobs/${String(number)}`);
    await expectState(pia.page, 'Done');
    await expect(log(pia.page)).toContainText('went on');
    await expect(log(pia.page)).not.toContainText('answer=42');
    await expect(await timeline(pia.page)).toContainText(/Denied by policy/);
    await expect(pia.page.getByRole('complementary')).toContainText('demo-large');

    // Somebody else sees how it ended.
    await page.goto(`/w/${slug}/jobs/${String(number)}`);
    await expect(await timeline(page)).toContainText(/Denied by policy/);
  } finally {
    await machine.stop();
    await pia.context.close();
  }
});
