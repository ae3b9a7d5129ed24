import { expect, type Locator, type Page } from '@playwright/test';

import { instance } from './instance';

/** A job as it was submitted. */
export interface Submitted {
  id: string;
  number: number;
}

/** Submits a job for the demo agent, ready at once, as the browser's own account. */
export async function submitJob(
  page: Page,
  title: string,
  instructions: readonly string[],
): Promise<Submitted> {
  const response = await page.request.post(`/api/v1/workspaces/${instance.workspace}/jobs`, {
    // A browser says where a request comes from; without it the coordinator refuses a cookie.
    headers: { origin: instance.url },
    data: {
      title,
      instructions: instructions.join('\n'),
      agent: 'demo',
      target: { kind: 'my' },
      ready: true,
    },
  });
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()) as Submitted;
}

/** Opens the page of a job. */
export async function openJob(page: Page, { number }: Submitted): Promise<void> {
  await page.goto(`/w/${instance.workspace}/jobs/${String(number)}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** Submits a job and opens its page. */
export async function startJob(
  page: Page,
  title: string,
  instructions: readonly string[],
): Promise<Submitted> {
  const job = await submitJob(page, title, instructions);
  await openJob(page, job);
  return job;
}

/** The state that the page of a job says, without the page being loaded anew. */
export function jobState(page: Page): Locator {
  return page.getByRole('main').locator('header').getByRole('status');
}

/** Waits until the page says by itself that the job is in a state. */
export async function expectState(page: Page, state: string): Promise<void> {
  await expect(jobState(page)).toContainText(state, { timeout: 45_000 });
}

/** The log as the page shows it. */
export function log(page: Page): Locator {
  return page.getByRole('log');
}
