import type { Page } from '@playwright/test';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { expectState, log, openJob } from '../support/jobs';
import { Machine, online } from '../support/machine';
import { newMember, origin, type Someone } from '../support/people';
import { submitTo, type RoutedJob, type Target } from '../support/routed';
import { expect, test } from '../support/test';

const { workspace } = instance;
const name = `nora-${workspace}`;
/** A time of the week that is not now, by whichever clock. */
const otherDay = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][(new Date().getDay() + 3) % 7] ?? 'Mon';

/** Each limit with the words that a page has for it; the next one lifts the one before. */
const limits: [string[], string][] = [
  [['--allowed', 'no'], 'its owner lets nobody else use it'],
  [
    ['--allowed', 'yes', '--person', 'nobody@example.org'],
    'its owner does not let the submitter use it',
  ],
  [['--everybody', '--agent', 'claude'], 'its owner does not let others use that agent'],
  [
    ['--any-agent', '--hours', `${otherDay} 10:00-11:00`],
    'its owner does not let others use it at this time',
  ],
];

/** What the page of a job says about the runners for it. */
const eligible = (page: Page) => page.getByRole('region', { name: 'Runners for this job' });

test.describe('a machine that somebody else has shared', () => {
  test.describe.configure({ mode: 'serial', timeout: 240_000 });
  let nora: Someone;
  let machine: Machine;
  let target: Target;

  test.beforeAll(async ({ browser, session }) => {
    const context = await browser.newContext({ baseURL: instance.url, storageState: session });
    nora = await newMember(browser, await context.newPage(), `Nora-${workspace}`, 'member');
    await context.close();
    machine = await Machine.start(nora, name, {}, 2);
    const { id } = await online(nora.page, workspace, name);
    target = { kind: 'runner', runner_id: id };
    const shared = await nora.page.request.put(`/api/v1/workspaces/${workspace}/runners/${id}/sharing`, {
      headers: origin,
      data: { sharing: 'shared' },
    });
    expect(shared.ok(), await shared.text()).toBe(true);
  });
  test.afterAll(async () => {
    if (target.kind === 'runner') {
      await nora.page.request.delete(`/api/v1/runners/${target.runner_id}`, { headers: origin });
    }
    await machine.stop();
    await nora.context.close();
  });

  test('takes nobody else’s job for as long as its owner does not allow it, and says why', async ({ page }) => {
    await machine.sharing('--allowed', 'no');
    await page.goto(`/w/${workspace}/jobs/new`);
    await page.getByLabel('Who may take it').selectOption('runner');
    await page.getByLabel('Agent').selectOption('demo');
    await page.getByLabel('Find a runner').fill(name);
    await page.getByRole('radio', { name: new RegExp(name) }).check();
    const job = await page.context().newPage();
    await openJob(job, await submitTo(page, workspace, target));

    // Both pages follow what the owner sets on the machine, without being loaded anew.
    for (const [set, why] of limits) {
      await machine.sharing(...set);
      await expect(page.getByRole('main')).toContainText(why);
      await expect(eligible(job)).toContainText('No runner can take this now');
      await expect(eligible(job)).toContainText(why);
    }
    await expectAccessible(page, 'new-job-not-consented');
    await expectAccessible(job, 'job-not-consented');

    await machine.sharing('--hours', 'always');
    await expectState(job, 'Done');
    await expect(page.getByText('1 runner can take this now')).toBeVisible();
  });

  test('takes no more of them at once than its owner allows', async ({ page }) => {
    await machine.sharing('--at-once', '1');
    const first = await submitTo(page, workspace, target, { instructions: 'wait 5m' });
    await openJob(page, first);
    await expectState(page, 'In Progress');
    const job = await page.context().newPage();
    await openJob(job, await submitTo(page, workspace, target));
    await expect(eligible(job)).toContainText('others use as much of it as its owner allows');
    await machine.sharing('--at-once', '2');
    await expectState(job, 'Done');
    await cancel(page, first);
  });

  test('lets their agents do no more than its owner allows', async ({ page }) => {
    const instructions = 'run echo answer=$((40+2))\nsay went on';
    await machine.sharing('--permission', 'read_only');
    await openJob(page, await submitTo(page, workspace, target, { instructions }));
    await expectState(page, 'Done');
    await expect(log(page)).not.toContainText('answer=42');
    await page.getByText('Timeline', { exact: true }).click();
    await expect(page.getByRole('list', { name: 'Timeline' })).toContainText('not allowed');
    await expectAccessible(page, 'job-read-only');

    await machine.sharing('--permission', 'ask');
    await openJob(page, await submitTo(page, workspace, target, { instructions }));
    await page.getByRole('button', { name: 'Allow once' }).click();
    await expectState(page, 'Done');
    await expect(log(page)).toContainText('answer=42');
  });
});

async function cancel(page: Page, { id }: RoutedJob): Promise<void> {
  const answer = await page.request.post(`/api/v1/jobs/${id}/cancel`, { headers: origin });
  expect(answer.ok(), await answer.text()).toBe(true);
}
