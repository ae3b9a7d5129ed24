import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import {
  credentials,
  freshBrowser,
  inviteByApi,
  newMember,
  newWorkspace,
  pathOf,
  signIn,
} from '../support/people';
import { expect, test } from '../support/test';

test('somebody is invited, signs up on the way, and is seen at once', async ({ page, browser }) => {
  const { slug } = await newWorkspace(page, 'Invitations');
  await page.goto(`/w/${slug}/people`);
  await expect(page.getByText('You are alone here')).toBeVisible();
  await page.getByRole('button', { name: 'Invite people' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(dialog.getByText('An e-mail address has a name')).toBeVisible();
  const { email, password } = credentials('Carol');
  await dialog.getByLabel('E-mail address').fill(email);
  await expectAccessible(page, 'invite');
  await page.keyboard.press('Enter');

  await expect(dialog.getByText('This server sends no mail')).toBeVisible();
  const link = pathOf(await dialog.getByLabel('Invitation link').inputValue());
  expect(link).toMatch(/^\/invite#[\w-]{40,}$/);
  await expectAccessible(page, 'invite-made');
  await dialog.getByRole('button', { name: 'Done' }).click();
  const row = page.locator(`tr[data-invitation="${email}"]`);
  await expect(row).toContainText('Pending');
  await expectAccessible(page, 'people');

  const carol = await freshBrowser(browser);
  await carol.page.goto(link);
  await expect(carol.page.getByRole('heading', { name: 'Join Invitations' })).toBeVisible();
  await expectAccessible(carol.page, 'invitation');
  await carol.page.getByRole('link', { name: 'Create an account to accept' }).click();
  expect(carol.page.url()).not.toContain(link.split('#')[1]);
  await expect(carol.page.getByLabel('E-mail address')).toHaveValue(email);
  await carol.page.getByLabel('Your name').fill('Carol');
  await carol.page.getByLabel('Password', { exact: true }).fill('short');
  await carol.page.getByRole('button', { name: 'Create account' }).click();
  await expect(carol.page.getByText('Use at least 10 characters.')).toBeVisible();
  await expectAccessible(carol.page, 'sign-up');
  await carol.page.getByLabel('Password', { exact: true }).fill(password);
  await carol.page.keyboard.press('Enter');
  await expect(carol.page).toHaveURL(`/w/${slug}/jobs`);

  // The page of whoever invited hears of it by itself.
  await expect(page.locator(`tr[data-member="${email}"]`)).toContainText('Member');
  await expect(row).toContainText('Accepted');
  await carol.page.goto(link);
  await expect(carol.page.getByText('This invitation was accepted already')).toBeVisible();
  await carol.context.close();
});

test('an invitation is accepted only by the account that it is for', async ({ page, browser }) => {
  const { slug } = await newWorkspace(page, 'Wrong account');
  const someone = await newMember(browser, page, 'Dora', 'member', slug);
  const { slug: other } = await newWorkspace(page, 'Another one');
  const link = await inviteByApi(page, other, credentials('Dora').email, 'viewer');

  await page.goto(link);
  await expect(page.getByText(`You are signed in as ${instance.email}`)).toBeVisible();
  await expectAccessible(page, 'invitation-wrong-account');

  await someone.page.goto(link);
  await someone.page.getByRole('button', { name: 'Accept invitation' }).click();
  await expect(someone.page).toHaveURL(`/w/${other}/jobs`);
  await someone.page.getByRole('button', { name: /^Workspace Another one/ }).click();
  await expect(someone.page.getByRole('menuitem', { name: /Wrong account/ })).toBeVisible();
  await someone.context.close();
});

test('signing in comes before accepting for somebody who has an account', async ({ page, browser }) => {
  const { slug } = await newWorkspace(page, 'Signed out');
  const someone = await newMember(browser, page, 'Emil', 'member', slug);
  await someone.context.close();
  const { slug: other } = await newWorkspace(page, 'After sign-in');
  const link = await inviteByApi(page, other, someone.email, 'member');

  const again = await freshBrowser(browser);
  await again.page.goto(link);
  await again.page.getByRole('link', { name: 'Sign in to accept' }).click();
  await signIn(again.page, someone.email, someone.password);
  await again.page.getByRole('button', { name: 'Accept invitation' }).click();
  await expect(again.page).toHaveURL(`/w/${other}/jobs`);
  await again.context.close();
});

test('a link that was replaced or revoked says so', async ({ page, browser }) => {
  const { slug } = await newWorkspace(page, 'Second thoughts');
  const { email } = credentials('Frida');
  const first = await inviteByApi(page, slug, email, 'member');
  await page.goto(`/w/${slug}/people`);
  await page.getByRole('button', { name: `Actions for the invitation of ${email}` }).click();
  await page.getByRole('menuitem', { name: 'Make a new link' }).click();
  const second = pathOf(await page.getByRole('dialog').getByLabel('Invitation link').inputValue());
  expect(second).not.toBe(first);
  await page.getByRole('button', { name: 'Done' }).click();

  const frida = await freshBrowser(browser);
  await frida.page.goto(first);
  await expect(frida.page.getByText('This link does not work')).toBeVisible();
  await expectAccessible(frida.page, 'invitation-unknown');

  await page.getByRole('button', { name: `Actions for the invitation of ${email}` }).click();
  await page.getByRole('menuitem', { name: 'Revoke…' }).click();
  await page.getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(page.locator(`tr[data-invitation="${email}"]`)).toContainText('Revoked');
  await frida.page.goto(second);
  await expect(frida.page.getByText(/was taken back|does not work/).first()).toBeVisible();
  await frida.context.close();
});

test('a role is changed in place, and what cannot be done says why', async ({ page, browser }) => {
  const { slug } = await newWorkspace(page, 'Roles');
  const greta = await newMember(browser, page, 'Greta', 'member', slug);
  await expect(greta.page.getByRole('link', { name: 'New job' }).first()).toBeVisible();

  await page.goto(`/w/${slug}/people`);
  await page.getByRole('button', { name: 'Role of Greta: Member' }).click();
  await expectAccessible(page, 'people-role');
  await page.getByRole('menuitemcheckbox', { name: /^Viewer/ }).click();
  await expect(page.getByRole('button', { name: 'Role of Greta: Viewer' })).toBeVisible();
  // Greta's page hears of it: a viewer submits no job.
  await expect(greta.page.getByRole('link', { name: 'New job' })).toHaveCount(0);

  await page.getByRole('button', { name: `Actions for ${instance.name}`, exact: true }).click();
  await expect(page.getByRole('menuitem', { name: /keeps their place until the workspace/ })).toBeVisible();
  await expectAccessible(page, 'people-actions');
  await page.keyboard.press('Escape');

  await greta.page.goto(`/w/${slug}/people`);
  await expect(greta.page.getByRole('button', { name: 'Invite people' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await expect(greta.page.getByRole('button', { name: 'Invite people' })).toHaveAttribute(
    'title',
    'Only the owner and admins can do this.',
  );

  await page.getByRole('button', { name: 'Actions for Greta' }).click();
  await page.getByRole('menuitem', { name: 'Remove from workspace…' }).click();
  await page.getByRole('button', { name: 'Remove member' }).click();
  await expect(page.locator('tr[data-member="greta@example.org"]')).toHaveCount(0);
  await expect(
    greta.page
      .getByText('This workspace is not yours')
      .or(greta.page.getByText('You belong to no workspace yet'))
      .first(),
  ).toBeVisible();
  await greta.context.close();
});

test('an admin hands over a link for a new password', async ({ page, browser }) => {
  const { slug } = await newWorkspace(page, 'Forgotten');
  const hugo = await newMember(browser, page, 'Hugo', 'member', slug);
  await page.goto(`/w/${slug}/people`);
  await page.getByRole('button', { name: 'Actions for Hugo' }).click();
  await page.getByRole('menuitem', { name: 'Link for a new password…' }).click();
  await page.getByRole('button', { name: 'Make link' }).click();
  const link = pathOf(await page.getByLabel('Link for a new password').inputValue());
  await expectAccessible(page, 'people-reset-link');

  const elsewhere = await freshBrowser(browser);
  await elsewhere.page.goto(link);
  await expectAccessible(elsewhere.page, 'reset');
  await elsewhere.page.getByLabel('New password').fill('an entirely new one');
  await elsewhere.page.keyboard.press('Enter');
  await expect(elsewhere.page.getByRole('heading', { name: 'Your password is set' })).toBeVisible();
  await elsewhere.page.getByRole('link', { name: 'Go to sign-in' }).click();
  await signIn(elsewhere.page, hugo.email, 'an entirely new one');
  await expect(elsewhere.page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
  // Every browser was signed out by the new password.
  await hugo.page.reload();
  await expect(hugo.page).toHaveURL(/\/sign-in/);

  await elsewhere.page.goto(link);
  await elsewhere.page.getByLabel('New password').fill('and once more with it');
  await elsewhere.page.keyboard.press('Enter');
  await expect(elsewhere.page.getByText('This link does not work any more')).toBeVisible();
  await elsewhere.context.close();
  await hugo.context.close();
});

test('without mail the way to a new password is said', async ({ browser }) => {
  const { page, context } = await freshBrowser(browser);
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByText('This server sends no mail.')).toBeVisible();
  await expectAccessible(page, 'forgot');
  await page.goto('/sign-up');
  await expect(page.getByText('Accounts are made by invitation here.')).toBeVisible();
  await expectAccessible(page, 'sign-up-closed');
  await context.close();
});
