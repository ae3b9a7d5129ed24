import { queryOptions } from '@tanstack/svelte-query';

import type { PauseRequest, Sharing } from '$/protocol';

import { coordinator, done, got } from './http';

const machine = (runner: string): { params: { path: { runner: string } } } => ({
  params: { path: { runner } },
});
const placed = (
  workspace: string,
  runner: string,
): { params: { path: { workspace: string; runner: string } } } => ({
  params: { path: { workspace, runner } },
});

/** Calls about runners, and about making new ones. */
export const fleetApi = {
  runner: (workspace: string, runner: string) =>
    got(coordinator.GET('/api/v1/workspaces/{workspace}/runners/{runner}', placed(workspace, runner))),
  history: (workspace: string, runner: string, before?: string) =>
    got(
      coordinator.GET('/api/v1/workspaces/{workspace}/runners/{runner}/history', {
        params: {
          path: { workspace, runner },
          query: { limit: 25, ...(before === undefined ? {} : { before }) },
        },
      }),
    ),
  timeline: (workspace: string, runner: string) =>
    got(
      coordinator.GET('/api/v1/workspaces/{workspace}/runners/{runner}/timeline', placed(workspace, runner)),
    ),

  use: (workspace: string, runner: string) =>
    got(coordinator.GET('/api/v1/workspaces/{workspace}/runners/{runner}/use', placed(workspace, runner))),

  rename: (runner: string, name: string) =>
    done(coordinator.PATCH('/api/v1/runners/{runner}', { ...machine(runner), body: { name } })),
  remove: (runner: string) => done(coordinator.DELETE('/api/v1/runners/{runner}', machine(runner))),
  pause: (runner: string, terms: PauseRequest) =>
    done(coordinator.POST('/api/v1/runners/{runner}/pause', { ...machine(runner), body: terms })),
  resume: (runner: string) => done(coordinator.POST('/api/v1/runners/{runner}/resume', machine(runner))),
  share: (workspace: string, runner: string, sharing: Sharing) =>
    done(
      coordinator.PUT('/api/v1/workspaces/{workspace}/runners/{runner}/sharing', {
        ...placed(workspace, runner),
        body: { sharing },
      }),
    ),
  disable: (workspace: string, runner: string, reason: string) =>
    done(
      coordinator.POST('/api/v1/workspaces/{workspace}/runners/{runner}/disable', {
        ...placed(workspace, runner),
        body: { reason },
      }),
    ),
  enable: (workspace: string, runner: string) =>
    done(
      coordinator.POST('/api/v1/workspaces/{workspace}/runners/{runner}/enable', placed(workspace, runner)),
    ),

  downloads: () => got(coordinator.GET('/api/v1/downloads')),
  makeSetupToken: () => got(coordinator.POST('/api/v1/account/setup-tokens')),
  setupToken: (id: string) =>
    got(coordinator.GET('/api/v1/account/setup-tokens/{id}', { params: { path: { id } } })),
};

/** What is asked about runners, under keys that a change can name. */
export const fleetQueries = {
  runner: (workspace: string, runner: string) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'runner', runner],
      queryFn: () => fleetApi.runner(workspace, runner),
    }),
  historyKey: (workspace: string, runner: string) =>
    ['workspace', workspace, 'runner-history', runner] as const,
  timeline: (workspace: string, runner: string) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'runner-timeline', runner],
      queryFn: () => fleetApi.timeline(workspace, runner),
    }),
  use: (workspace: string, runner: string) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'runner-use', runner],
      queryFn: () => fleetApi.use(workspace, runner),
      // Time passes without a change.
      refetchInterval: 5 * 60_000,
    }),
  downloads: () => queryOptions({ queryKey: ['downloads'], queryFn: fleetApi.downloads }),
};

/** Where the browser fetches a file of the download page. */
export function downloadAddress(name: string): string {
  return `/downloads/${encodeURIComponent(name)}`;
}
