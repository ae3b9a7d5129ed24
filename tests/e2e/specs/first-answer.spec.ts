import type { Page } from '@playwright/test';

import { instance } from '../support/instance';
import { expectState, openJob, startJob } from '../support/jobs';
import { Machine, online } from '../support/machine';
import { origin } from '../support/people';
import { submitTo } from '../support/routed';
import { expect, test } from '../support/test';

const card = (page: Page, command: string) =>
  page.getByRole('region', { name: /wants to run a command/ }).filter({ hasText: command });

/** Waits until a page says who answered and where, and offers no answer any more. */
async function expectAnswered(page: Page, command: string, words: RegExp): Promise<void> {
  await expect(card(page, command).getByRole('button', { name: 'Allow once' })).toHaveCount(0);
  const timeline = page.getByRole('list', { name: 'Timeline' });
  if (!(await timeline.isVisible())) await page.getByText('Timeline', { exact: true }).click();
  await expect(timeline).toContainText(words);
}

test('the first answer counts on two pages and the machine, and each says whose it was', async ({ page }) => {
  const name = `bench-${instance.workspace}`;
  const machine = await Machine.start(instance, name);
  let runner: string | undefined;
  try {
    runner = (await online(page, instance.workspace, name)).id;
    const job = await submitTo(
      page,
      instance.workspace,
      { kind: 'runner', runner_id: runner },
      { title: 'Asks three faces', instructions: 'run echo one\nrun echo two\nsay through' },
    );
    const other = await page.context().newPage();
    await openJob(page, job);
    await openJob(other, job);

    // First in one page: the other and the machine have nothing left to answer.
    for (const face of [page, other]) await expect(card(face, 'echo one')).toBeVisible();
    const [first] = await waiting(machine);
    await card(page, 'echo one').getByRole('button', { name: 'Allow once' }).click();
    for (const face of [page, other])
      await expectAnswered(face, 'echo one', new RegExp(`Allowed once by ${instance.name} in the web app`, 'i'));
    const late = await machine.command('approvals', 'deny', first ?? '');
    expect(late.code, late.said).not.toBe(0);

    // Then on the machine: both pages say so.
    for (const face of [page, other]) await expect(card(face, 'echo two')).toBeVisible();
    const [second] = await waiting(machine);
    expect(second).not.toBe(first);
    const allowed = await machine.command('approvals', 'allow', second ?? '');
    expect(allowed.code, allowed.said).toBe(0);
    for (const face of [page, other])
      await expectAnswered(face, 'echo two', /Allowed once by .+ on the command line/);
    expect(await waiting(machine)).toEqual([]);
    for (const face of [page, other]) await expectState(face, 'Done');
  } finally {
    if (runner !== undefined) await page.request.delete(`/api/v1/runners/${runner}`, { headers: origin });
    await machine.stop();
  }
});

/** The approvals that wait on a machine. */
async function waiting(machine: Machine): Promise<string[]> {
  const { code, said } = await machine.command('approvals', 'list', '--json');
  expect(code, said).toBe(0);
  return (JSON.parse(said) as { approval: { id: string } }[]).map(({ approval }) => approval.id);
}

test('the card names the agent as people know it', async ({ page }) => {
  const { id } = await startJob(page, 'Is asked by name', ['run echo name']);
  await expect(page.getByRole('region', { name: 'Demo agent wants to run a command' })).toBeVisible();
  await page.request.post(`/api/v1/jobs/${id}/cancel`, { headers: origin });
});
