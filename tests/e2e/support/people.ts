import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';

import { instance } from './instance';

/** Somebody with a browser of their own. */
export interface Someone {
  name: string;
  email: string;
  password: string;
  context: BrowserContext;
  page: Page;
}

/** A browser says where a request comes from; without it the coordinator refuses a cookie. */
export const origin = { origin: instance.url };

/** What a person who is called so signs in with. */
export function credentials(name: string): { name: string; email: string; password: string } {
  return { name, email: `${name.toLowerCase()}@example.org`, password: `${name} likes long passwords` };
}

/** Invites by the interface for programs; comes back with the path and token of the link. */
export async function inviteByApi(
  page: Page,
  workspace: string,
  email: string,
  role: string,
): Promise<string> {
  const response = await page.request.post(`/api/v1/workspaces/${workspace}/invitations`, {
    headers: origin,
    data: { email, role },
  });
  expect(response.ok(), await response.text()).toBe(true);
  const { url } = (await response.json()) as { url: string };
  return pathOf(url);
}

/** A link's path with what follows it, for the address at which the tests reach the coordinator. */
export function pathOf(url: string): string {
  const { pathname, search, hash } = new URL(url);
  return pathname + search + hash;
}

/** A browser in which nobody is signed in. */
export async function freshBrowser(browser: Browser): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    baseURL: instance.url,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    storageState: { cookies: [], origins: [] },
  });
  return { context, page: await context.newPage() };
}

/** Opens an invitation's link, makes an account with it, and ends on the workspace's jobs. */
export async function signUpWith(browser: Browser, name: string, link: string): Promise<Someone> {
  const { context, page } = await freshBrowser(browser);
  const { email, password } = credentials(name);
  await page.goto(link);
  await page.getByRole('link', { name: 'Create an account to accept' }).click();
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
  return { name, email, password, context, page };
}

/** Invites somebody to a workspace and makes their account. */
export async function newMember(
  browser: Browser,
  admin: Page,
  name: string,
  role: string,
  workspace = instance.workspace,
): Promise<Someone> {
  const link = await inviteByApi(admin, workspace, credentials(name).email, role);
  return signUpWith(browser, name, link);
}

/** Signs in on the page that the browser shows. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Makes a workspace by the interface for programs. */
export async function newWorkspace(page: Page, name: string): Promise<{ id: string; slug: string }> {
  const response = await page.request.post('/api/v1/workspaces', { headers: origin, data: { name } });
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()) as { id: string; slug: string };
}
