import { queryOptions } from '@tanstack/svelte-query';

import type { JobUpdate, TeamRole } from '$/protocol';

import { coordinator, got } from './http';

const of = (id: string): { params: { path: { id: string } } } => ({ params: { path: { id } } });
const part = (id: string, account: string): { params: { path: { id: string; account: string } } } => ({
  params: { path: { id, account } },
});

/** Calls that change what a job is, who works on it, and who may take it. */
export const routingApi = {
  change: (id: string, update: JobUpdate) =>
    got(coordinator.PATCH('/api/v1/jobs/{id}', { ...of(id), body: update })),
  setAside: (id: string) => got(coordinator.POST('/api/v1/jobs/{id}/backlog', of(id))),
  retry: (id: string, feedback: string) =>
    got(
      coordinator.POST('/api/v1/jobs/{id}/retry', { ...of(id), body: feedback === '' ? {} : { feedback } }),
    ),
  runners: (id: string) => got(coordinator.GET('/api/v1/jobs/{id}/runners', of(id))),
  putIntoTeam: (id: string, account: string, role: TeamRole) =>
    got(coordinator.PUT('/api/v1/jobs/{id}/team/{account}', { ...part(id, account), body: { role } })),
  takeOutOfTeam: (id: string, account: string) =>
    got(coordinator.DELETE('/api/v1/jobs/{id}/team/{account}', part(id, account))),
};

/** What is asked about who may take a job, under keys that a change can name. */
export const routingQueries = {
  runners: (workspace: string, id: string) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'job-runners', id],
      queryFn: () => routingApi.runners(id),
    }),
};
