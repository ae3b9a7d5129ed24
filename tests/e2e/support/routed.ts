import { expect, type Page } from '@playwright/test';

import { origin } from './people';

/** Who may take a job, as the interface for programs says it. */
export type Target = { kind: 'my' | 'team' | 'any' } | { kind: 'runner'; runner_id: string };

/** What a test wants to know of a job. */
export interface RoutedJob {
  id: string;
  number: number;
  state: string;
  hold?: { reason: string } | null;
  attempts: { runner: string }[];
}

/** Submits a small job for the demo agent to a target. */
export async function submitTo(
  page: Page,
  workspace: string,
  target: Target,
  more: Record<string, unknown> = {},
): Promise<RoutedJob> {
  const response = await page.request.post(`/api/v1/workspaces/${workspace}/jobs`, {
    headers: origin,
    data: {
      title: `For ${target.kind}`,
      instructions: 'say done',
      agent: 'demo',
      target,
      ready: true,
      ...more,
    },
  });
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()) as RoutedJob;
}

/** A job as it is now. */
export async function jobNow(page: Page, workspace: string, number: number): Promise<RoutedJob> {
  const response = await page.request.get(`/api/v1/workspaces/${workspace}/jobs/${String(number)}`);
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()) as RoutedJob;
}

/** Waits until a job is done, and comes back with the name of the runner that did it. */
export async function doneBy(page: Page, workspace: string, number: number): Promise<string | undefined> {
  await expect
    .poll(async () => (await jobNow(page, workspace, number)).state, { timeout: 60_000 })
    .toBe('done');
  return (await jobNow(page, workspace, number)).attempts.at(-1)?.runner;
}

/** Waits until a job is held for a reason. */
export async function heldFor(page: Page, workspace: string, number: number): Promise<string | undefined> {
  await expect
    .poll(async () => (await jobNow(page, workspace, number)).hold?.reason, { timeout: 30_000 })
    .toBeTruthy();
  return (await jobNow(page, workspace, number)).hold?.reason;
}
