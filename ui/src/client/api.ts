import type {
  Decision,
  DeviceDecision,
  DeviceFacts,
  EventPage,
  Instance,
  ItemAnswer,
  JobList,
  JobState,
  JobView,
  LogPage,
  Me,
  NewJob,
  PendingList,
  RunnerList,
  Target,
  TargetPreview,
} from '$/protocol';

import { call } from './http';

const part = encodeURIComponent;

/** What a list of jobs is narrowed to. */
export interface JobFilter {
  states: readonly JobState[];
  search: string;
}

/** Every call that a face makes, by name. */
export const api = {
  instance: () => call<Instance>('/api/v1/instance'),
  me: () => call<Me>('/api/v1/me'),
  signIn: (email: string, password: string) =>
    call<Me>('/api/v1/auth/sign-in', { method: 'POST', body: { email, password } }),
  signOut: () => call<undefined>('/api/v1/auth/sign-out', { method: 'POST' }),

  device: (code: string) => call<DeviceFacts>(`/api/v1/device/${part(code)}`),
  decideDevice: (code: string, decision: DeviceDecision, password?: string) =>
    call<undefined>(`/api/v1/device/${part(code)}`, {
      method: 'POST',
      body: { decision, ...(password === undefined ? {} : { password }) },
    }),

  jobs: (workspace: string, filter: JobFilter, before?: string) => {
    const query = new URLSearchParams({ limit: '50' });
    if (filter.states.length > 0) query.set('state', filter.states.join(','));
    if (filter.search !== '') query.set('search', filter.search);
    if (before !== undefined) query.set('before', before);
    return call<JobList>(`/api/v1/workspaces/${part(workspace)}/jobs?${query.toString()}`);
  },
  createJob: (workspace: string, job: NewJob) =>
    call<JobView>(`/api/v1/workspaces/${part(workspace)}/jobs`, { method: 'POST', body: job }),
  job: (workspace: string, number: number) =>
    call<JobView>(`/api/v1/workspaces/${part(workspace)}/jobs/${String(number)}`),
  readyJob: (id: string) => call<JobView>(`/api/v1/jobs/${id}/ready`, { method: 'POST' }),
  cancelJob: (id: string) => call<JobView>(`/api/v1/jobs/${id}/cancel`, { method: 'POST' }),
  attach: (id: string, file: File) =>
    call<unknown>(`/api/v1/jobs/${id}/attachments/${part(file.name)}`, { method: 'PUT', raw: file }),
  pending: (workspace: string) => call<PendingList>(`/api/v1/workspaces/${part(workspace)}/pending`),

  events: (job: string, attempt: number, after: number) =>
    call<EventPage>(
      `/api/v1/jobs/${job}/attempts/${String(attempt)}/events?after=${String(after)}&limit=1000`,
    ),
  log: (job: string, attempt: number, after: number, limit: number) =>
    call<LogPage>(
      `/api/v1/jobs/${job}/attempts/${String(attempt)}/log?after=${String(after)}&limit=${String(limit)}`,
    ),

  answerApproval: (id: string, digest: string, decision: Decision, note?: string) =>
    call<unknown>(`/api/v1/approvals/${id}/answer`, {
      method: 'POST',
      body: { decision, digest, ...(note ? { note } : {}) },
    }),
  answerQuestion: (id: string, digest: string, answers: ItemAnswer[]) =>
    call<unknown>(`/api/v1/questions/${id}/answer`, { method: 'POST', body: { digest, answers } }),

  runners: (workspace: string) => call<RunnerList>(`/api/v1/workspaces/${part(workspace)}/runners`),
  targetPreview: (workspace: string, target: Target, agent: string | undefined) =>
    call<TargetPreview>(`/api/v1/workspaces/${part(workspace)}/target-preview`, {
      method: 'POST',
      body: { target, ...(agent === undefined ? {} : { agent }) },
    }),
};

/** Addresses of what the browser itself fetches. */
export const files = {
  artifact: (id: string) => `/api/v1/artifacts/${id}/content`,
  log: (job: string, attempt: number) => `/api/v1/jobs/${job}/attempts/${String(attempt)}/log.txt`,
};
