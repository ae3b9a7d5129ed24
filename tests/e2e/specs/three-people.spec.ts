import type { Page } from '@playwright/test';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { Machine, online, runnersSeen } from '../support/machine';
import { inviteByApi, newMember, newWorkspace, signUpWith, type Someone } from '../support/people';
import { doneBy, heldFor, jobNow, submitTo } from '../support/routed';
import { expect, test } from '../support/test';

/** The row of a runner among all of a workspace. */
const row = (page: Page, name: string) => page.locator(`tr[data-runner="${name}"]`);

async function allRunners(page: Page, workspace: string): Promise<void> {
  await page.goto(`/w/${workspace}/runners?tab=all`);
}

/** Opens a runner's menu and chooses. */
async function choose(page: Page, runner: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${runner}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** Who signed in with this browser. */
async function accountOf(page: Page): Promise<string> {
  const me = (await (await page.request.get('/api/v1/me')).json()) as { account: { id: string } };
  return me.account.id;
}

test.describe('three people, two workspaces, three machines', () => {
  test.describe.configure({ mode: 'serial', timeout: 240_000 });

  let ada: Page;
  let rosa: Someone;
  let sami: Someone;
  let machines: Machine[] = [];
  let studio: string;
  let lab: string;

  test.beforeAll(async ({ browser, session }) => {
    const context = await browser.newContext({
      baseURL: instance.url,
      storageState: session,
      locale: 'en-GB',
    });
    ada = await context.newPage();
  });
  test.afterAll(async () => {
    for (const machine of machines) await machine.stop();
    for (const one of [rosa, sami]) await one.context.close();
    await ada.context().close();
  });

  test('they invite each other, one signing up and one who has an account', async ({ browser }) => {
    studio = (await newWorkspace(ada, 'Studio')).slug;
    rosa = await newMember(browser, ada, 'Rosa', 'member', studio);
    lab = (await newWorkspace(rosa.page, 'Lab')).slug;
    sami = await signUpWith(browser, 'Sami', await inviteByApi(rosa.page, lab, 'sami@example.org', 'member'));
    // Sami has an account by now, and is signed in.
    await sami.page.goto(await inviteByApi(ada, studio, sami.email, 'member'));
    await sami.page.getByRole('button', { name: 'Accept invitation' }).click();
    await expect(sami.page).toHaveURL(`/w/${studio}/jobs`);
    await ada.goto(`/w/${studio}/people`);
    await expect(ada.locator('tr[data-member]')).toHaveCount(3);
    await expectAccessible(ada, 'three-people');
  });

  test('each one’s runner is in view wherever its owner is, with nothing to connect', async () => {
    machines = [await Machine.start(rosa, 'rosa-1'), await Machine.start(sami, 'sami-1')];
    await online(ada, studio, 'rosa-1');
    await online(ada, studio, 'sami-1');
    await online(rosa.page, lab, 'rosa-1');
    await online(rosa.page, lab, 'sami-1');
    await allRunners(ada, studio);
    await expect(row(ada, 'rosa-1')).toContainText('Private');
    await expectAccessible(ada, 'three-runners');
  });

  test('a job goes where its target says, and waits with the reason where it cannot', async () => {
    const mine = await submitTo(rosa.page, studio, { kind: 'my' });
    expect(await doneBy(rosa.page, studio, mine.number)).toBe('rosa-1');

    // It never runs on somebody’s private machine, and says so.
    const { id: samisRunner } = await online(ada, studio, 'sami-1');
    const forbidden = await submitTo(ada, studio, { kind: 'runner', runner_id: samisRunner });
    expect(await heldFor(ada, studio, forbidden.number)).toBe('no_runner');
    await ada.goto(`/w/${studio}/jobs/${String(forbidden.number)}`);
    const eligible = ada.getByRole('region', { name: 'Runners for this job' });
    await expect(eligible).toContainText('sami-1 – belongs to somebody else and is not shared');
    // Ada’s own, and Rosa’s.
    await expect(eligible).toContainText('2 runners are not for this job.');

    const team = await submitTo(
      sami.page,
      studio,
      { kind: 'team' },
      { team: [{ account_id: await accountOf(rosa.page), role: 'editor' }] },
    );
    expect(await heldFor(sami.page, studio, team.number)).toBe('no_runner');

    await rosa.page.goto(`/w/${studio}/runners`);
    await choose(rosa.page, 'rosa-1', 'Share…');
    await expectAccessible(rosa.page, 'runner-share');
    await rosa.page.getByRole('dialog').getByRole('button', { name: 'Share', exact: true }).click();
    await expect(row(rosa.page, 'rosa-1')).toContainText('Shared');
    expect(await doneBy(sami.page, studio, team.number)).toBe('rosa-1');

    // Ada’s own runner is elsewhere: whichever is available is Rosa’s, or Ada’s own.
    const any = await submitTo(sami.page, studio, { kind: 'any' });
    expect(['rosa-1', 'sami-1']).toContain(await doneBy(sami.page, studio, any.number));

    const { id } = await online(ada, studio, 'rosa-1');
    const specific = await submitTo(sami.page, studio, { kind: 'runner', runner_id: id });
    expect(await doneBy(sami.page, studio, specific.number)).toBe('rosa-1');
    const { state, attempts } = await jobNow(ada, studio, forbidden.number);
    expect({ state, attempts }).toEqual({ state: 'ready', attempts: [] });
  });

  test('disabled in one workspace it works on in the other', async () => {
    await allRunners(ada, studio);
    await choose(ada, 'rosa-1', 'Disable…');
    const dialog = ada.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('needs a new disk');
    await expectAccessible(ada, 'runner-disable');
    await dialog.getByRole('button', { name: 'Disable', exact: true }).click();
    await expect(row(ada, 'rosa-1')).toContainText('Disabled');

    const held = await submitTo(rosa.page, studio, { kind: 'my' });
    expect(await heldFor(rosa.page, studio, held.number)).toBe('no_runner');
    const elsewhere = await submitTo(rosa.page, lab, { kind: 'my' });
    expect(await doneBy(rosa.page, lab, elsewhere.number)).toBe('rosa-1');
    expect((await jobNow(rosa.page, studio, held.number)).state).toBe('ready');

    // Its owner is told, and sees it without loading anything anew.
    await expect(row(rosa.page, 'rosa-1')).toContainText('Disabled');
    await rosa.page.getByRole('button', { name: /^Notifications, / }).click();
    await expect(rosa.page.getByRole('link', { name: /rosa-1/ }).first()).toBeVisible();
    await expectAccessible(rosa.page, 'three-notifications');
    await rosa.page.keyboard.press('Escape');

    await choose(ada, 'rosa-1', 'Enable');
    expect(await doneBy(rosa.page, studio, held.number)).toBe('rosa-1');
  });

  test('its owner renames it, removes it, and it comes back when it is registered again', async () => {
    await choose(rosa.page, 'rosa-1', 'Rename');
    await rosa.page.getByLabel('New name of rosa-1').fill('rosa-big');
    await rosa.page.keyboard.press('Enter');
    await expect(row(ada, 'rosa-big')).toBeVisible();
    const before = await online(ada, studio, 'rosa-big');

    await choose(rosa.page, 'rosa-big', 'Remove…');
    const dialog = rosa.page.getByRole('dialog');
    await expectAccessible(rosa.page, 'runner-remove');
    await dialog.getByRole('button', { name: 'Remove and revoke key' }).click();
    await expect(row(rosa.page, 'rosa-big')).toHaveCount(0);
    await expect(row(ada, 'rosa-big')).toHaveCount(0);
    expect((await runnersSeen(rosa.page, lab)).map(({ name }) => name)).not.toContain('rosa-big');
    await rosa.page.goto('/account/runners');
    await expect(row(rosa.page, 'rosa-big')).toContainText('Removed');
    await expectAccessible(rosa.page, 'account-runners-removed');

    const [machine] = machines;
    if (machine === undefined) throw new Error('the machine was started before');
    await machine.stop();
    await machine.serve();
    const after = await online(ada, studio, 'rosa-big');
    expect(after.id).toBe(before.id);
    expect(after.short_id).toBe(before.short_id);
  });

  test('a workspace is handed over, and who leaves takes their runners along', async () => {
    await ada.goto(`/w/${studio}/people`);
    await ada.getByRole('button', { name: 'Actions for Sami' }).click();
    await ada.getByRole('menuitem', { name: 'Make owner…' }).click();
    await ada.getByRole('dialog').getByRole('button', { name: 'Transfer workspace' }).click();
    await sami.page.goto(`/w/${studio}/people`);
    await expect(sami.page.locator('tr[data-member="sami@example.org"]')).toContainText('Owner');

    await rosa.page.goto(`/w/${studio}/settings`);
    await rosa.page.getByRole('button', { name: 'Leave workspace…' }).click();
    await expectAccessible(rosa.page, 'workspace-leave');
    await rosa.page.getByRole('dialog').getByRole('button', { name: 'Leave workspace' }).click();
    await expect(rosa.page).not.toHaveURL(new RegExp(studio));
    await expect(sami.page.locator('tr[data-member="rosa@example.org"]')).toHaveCount(0);
    expect((await runnersSeen(ada, studio)).map(({ name }) => name)).not.toContain('rosa-big');
    expect((await runnersSeen(rosa.page, lab)).map(({ name }) => name)).toContain('rosa-big');
    expect((await rosa.page.request.get(`/api/v1/workspaces/${studio}/jobs`)).status()).toBe(404);
  });
});
