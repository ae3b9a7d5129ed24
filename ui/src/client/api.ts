import type { DeviceDecision, ItemAnswer, JobState, NewJob, Target, TeamChange } from '$/protocol';
import { answerBody, type GivenAnswer } from '$/answer';

import { coordinator, done, got } from './http';

/** What a list of jobs is narrowed to. */
export interface JobFilter {
  states: readonly JobState[];
  search: string;
}

/** Every call that a face makes, by name. */
export const api = {
  instance: () => got(coordinator.GET('/api/v1/instance')),
  me: () => got(coordinator.GET('/api/v1/me')),
  signIn: (email: string, password: string) =>
    got(coordinator.POST('/api/v1/auth/sign-in', { body: { email, password } })),
  signOut: () => done(coordinator.POST('/api/v1/auth/sign-out')),

  device: (code: string) =>
    got(coordinator.GET('/api/v1/device/{user_code}', { params: { path: { user_code: code } } })),
  decideDevice: (code: string, decision: DeviceDecision, password?: string) =>
    done(
      coordinator.POST('/api/v1/device/{user_code}', {
        params: { path: { user_code: code } },
        body: { decision, ...(password === undefined ? {} : { password }) },
      }),
    ),

  /** Jobs from a place in the whole list on, and how many there are in all. */
  jobs: (workspace: string, { states, search }: JobFilter, offset: number, limit: number) =>
    got(
      coordinator.GET('/api/v1/workspaces/{workspace}/jobs', {
        params: {
          path: { workspace },
          query: {
            offset,
            limit,
            ...(states.length === 0 ? {} : { state: states.join(',') }),
            ...(search === '' ? {} : { search }),
          },
        },
      }),
    ),
  createJob: (workspace: string, job: NewJob) =>
    got(
      coordinator.POST('/api/v1/workspaces/{workspace}/jobs', { params: { path: { workspace } }, body: job }),
    ),
  job: (workspace: string, number: number) =>
    got(
      coordinator.GET('/api/v1/workspaces/{workspace}/jobs/{number}', {
        params: { path: { workspace, number } },
      }),
    ),
  readyJob: (id: string) => got(coordinator.POST('/api/v1/jobs/{id}/ready', { params: { path: { id } } })),
  cancelJob: (id: string) => got(coordinator.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } })),
  attach: (id: string, file: File) =>
    done(
      coordinator.PUT('/api/v1/jobs/{id}/attachments/{name}', {
        params: { path: { id, name: file.name } },
        body: [],
        // The description knows bytes only as numbers; what is sent is the file itself.
        bodySerializer: () => file,
        headers: { 'content-type': 'application/octet-stream' },
      }),
    ),
  pending: (workspace: string) =>
    got(coordinator.GET('/api/v1/workspaces/{workspace}/pending', { params: { path: { workspace } } })),

  events: (id: string, number: number, after: number, limit: number) =>
    got(
      coordinator.GET('/api/v1/jobs/{id}/attempts/{number}/events', {
        params: { path: { id, number }, query: { after, limit } },
      }),
    ),
  log: (id: string, number: number, after: number, limit: number) =>
    got(
      coordinator.GET('/api/v1/jobs/{id}/attempts/{number}/log', {
        params: { path: { id, number }, query: { after, limit } },
      }),
    ),

  answerApproval: (id: string, digest: string, given: GivenAnswer) =>
    done(
      coordinator.POST('/api/v1/approvals/{id}/answer', {
        params: { path: { id } },
        body: answerBody(digest, given),
      }),
    ),
  answerQuestion: (id: string, digest: string, answers: ItemAnswer[]) =>
    done(
      coordinator.POST('/api/v1/questions/{id}/answer', {
        params: { path: { id } },
        body: { digest, answers },
      }),
    ),

  runners: (workspace: string) =>
    got(coordinator.GET('/api/v1/workspaces/{workspace}/runners', { params: { path: { workspace } } })),
  targetPreview: (
    workspace: string,
    target: Target,
    agent: string | undefined,
    team: readonly TeamChange[],
  ) =>
    got(
      coordinator.POST('/api/v1/workspaces/{workspace}/target-preview', {
        params: { path: { workspace } },
        body: { target, team: [...team], ...(agent === undefined ? {} : { agent }) },
      }),
    ),
};

/** Addresses of what the browser itself fetches. */
export const files = {
  artifact: (id: string) => `/api/v1/artifacts/${id}/content`,
  log: (job: string, attempt: number) => `/api/v1/jobs/${job}/attempts/${String(attempt)}/log.txt`,
};
