import { MutationCache, QueryCache, QueryClient, queryOptions, type Query } from '@tanstack/svelte-query';

import type { Change, JobView, Target, TeamChange } from '$/protocol';

import { api, type JobFilter } from './api';
import { asApiError, isPassing } from './problem';

/** The cache that owns everything that came from the server. */
export function newQueryClient(): QueryClient {
  // Whatever learns first that the session has ended makes the page look again at who is signed in.
  const onError = (error: unknown): void => {
    if (isSignedOut(error)) void client.invalidateQueries({ queryKey: ['me'] });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        if (queryKey[0] !== 'me') onError(error);
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // The live stream says when something has changed, so nothing grows stale by itself.
        staleTime: 60_000,
        retry: (failures, error) => isPassing(error) && failures < 3,
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  return client;
}

/** What is asked of the server, each under a key that a change can name. */
export const queries = {
  me: () => queryOptions({ queryKey: ['me'], queryFn: api.me }),
  instance: () => queryOptions({ queryKey: ['instance'], queryFn: api.instance }),
  device: (code: string) =>
    queryOptions({ queryKey: ['device', code], queryFn: () => api.device(code), gcTime: 0, staleTime: 0 }),
  jobs: (workspace: string, filter: JobFilter, offset: number, limit: number) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'jobs', filter, offset, limit],
      queryFn: async () => ({ ...(await api.jobs(workspace, filter, offset, limit)), filter, offset }),
      // Whoever scrolls through thousands of jobs leaves many such blocks behind.
      gcTime: 30_000,
    }),
  job: (workspace: string, number: number) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'job', number],
      queryFn: () => api.job(workspace, number),
    }),
  pending: (workspace: string) =>
    queryOptions({ queryKey: ['workspace', workspace, 'pending'], queryFn: () => api.pending(workspace) }),
  runners: (workspace: string) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'runners'],
      queryFn: () => api.runners(workspace),
      // Only a few rows are drawn of what may be a thousand: comparing all of them costs more than drawing those.
      structuralSharing: false,
    }),
  targetPreview: (
    workspace: string,
    target: Target,
    agent: string | undefined,
    team: readonly TeamChange[],
  ) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'preview', target, agent, team],
      queryFn: () => api.targetPreview(workspace, target, agent, team),
    }),
};

const jobKinds: ReadonlySet<unknown> = new Set(['jobs', 'pending']);
const runnerKinds: ReadonlySet<unknown> = new Set([
  'runners',
  'runner',
  'runner-history',
  'preview',
  'job-runners',
]);

/** Whether the job waits for a runner, or is not known yet. */
function waits(data: unknown): boolean {
  return data === undefined || (data as JobView).state === 'ready';
}

/** Whether a change makes what a query holds out of date. */
export function concerns(change: Change, key: readonly unknown[], data: unknown): boolean {
  const kind = key[2];
  switch (change.what) {
    case 'everything':
      return true;
    case 'job':
    case 'jobs':
      if (kind === 'job') {
        return data === undefined || change.what === 'jobs' || (data as JobView).id === change.job_id;
      }
      // A job that begins or ends changes what its runner does.
      return jobKinds.has(kind) || runnerKinds.has(kind);
    case 'runner':
    case 'runners':
      // A job that waits says why each runner cannot take it, and one that did not may begin to.
      if (kind === 'job') return waits(data);
      if (kind === 'runner' || kind === 'runner-timeline')
        return change.what === 'runners' || key[3] === change.runner_id;
      return kind === 'runners' || kind === 'preview' || kind === 'job-runners';
    case 'workspace':
      // Whose runners there are, and who may submit, depends on who is a member.
      if (kind === 'job') return waits(data);
      return (
        kind === 'itself' ||
        kind === 'members' ||
        kind === 'invitations' ||
        kind === 'audit' ||
        kind === 'runners' ||
        kind === 'preview' ||
        kind === 'job-runners'
      );
    case 'notifications':
    case 'log':
    case 'logs':
      return false;
  }
}

/** Whether a change makes what a query about the reader's own account holds out of date. */
export function concernsAccount(change: Change, key: readonly unknown[]): boolean {
  if (change.what === 'everything') return key[0] === 'me' || key[0] === 'account';
  // The workspace may have another name now, and the reader another role in it, or none.
  if (change.what === 'workspace') return key[0] === 'me';
  if (key[0] !== 'account') return false;
  // An own runner is in view of each of its owner's workspaces, so each of their streams tells of it.
  if (change.what === 'runner' || change.what === 'runners') return key[1] === 'runners';
  return change.what === 'notifications' && key[1] === 'notifications';
}

/** Queries that are fetched once more when the fetch under way has ended. */
const again = new WeakSet<Query>();

/**
 * Fetches a query anew. What is being fetched may be from before the change, so it is fetched once
 * more afterwards; breaking it off instead would starve a query whose changes come fast.
 */
function refresh(client: QueryClient, query: Query): void {
  if (query.state.fetchStatus === 'idle') {
    void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    return;
  }
  if (again.has(query)) return;
  again.add(query);
  const ended = (): void => {
    // The cache takes the answer in just after the promise is kept.
    setTimeout(() => {
      again.delete(query);
      refresh(client, query);
    });
  };
  void Promise.resolve(query.promise).then(ended, ended);
}

/** Fetches anew what a change of a workspace has made out of date. */
export function applyChange(client: QueryClient, workspace: string, change: Change): void {
  applyChanges(client, workspace, [change]);
}

/** As `applyChange`, for several at once: whatever they concern is fetched anew only once. */
export function applyChanges(client: QueryClient, workspace: string, changes: readonly Change[]): void {
  const concerned = client.getQueryCache().findAll({
    predicate: ({ queryKey, state }: Query) =>
      queryKey[0] === 'workspace'
        ? queryKey[1] === workspace && changes.some((change) => concerns(change, queryKey, state.data))
        : changes.some((change) => concernsAccount(change, queryKey)),
  });
  for (const query of concerned) refresh(client, query);
}

/** Whether an error says that nobody is signed in any more. */
export function isSignedOut(error: unknown): boolean {
  return error !== null && error !== undefined && asApiError(error).code === 'not_signed_in';
}
