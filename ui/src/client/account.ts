import { queryOptions } from '@tanstack/svelte-query';

import type { NewApiToken, NotificationSettings } from '$/protocol';

import { coordinator, done, got } from './http';

/** What a person who makes an account writes. */
export interface SignUp {
  email: string;
  name: string;
  password: string;
  invitation: string | undefined;
}

const within = (id: string): { params: { path: { id: string } } } => ({ params: { path: { id } } });

/** Calls about the reader's own account. */
export const accountApi = {
  signUp: ({ invitation, ...person }: SignUp) =>
    got(
      coordinator.POST('/api/v1/auth/sign-up', {
        body: { ...person, ...(invitation === undefined ? {} : { invitation }) },
      }),
    ),
  askReset: (email: string) => done(coordinator.POST('/api/v1/auth/reset', { body: { email } })),
  confirmReset: (token: string, password: string) =>
    done(coordinator.POST('/api/v1/auth/reset/confirm', { body: { token, password } })),

  account: () => got(coordinator.GET('/api/v1/account')),
  rename: (name: string) => done(coordinator.PATCH('/api/v1/account', { body: { name } })),
  changePassword: (current: string | undefined, next: string) =>
    done(
      coordinator.PUT('/api/v1/account/password', {
        body: { new: next, ...(current === undefined ? {} : { current }) },
      }),
    ),
  remove: (email: string, password: string | undefined) =>
    done(
      coordinator.POST('/api/v1/account/delete', {
        body: { email, ...(password === undefined ? {} : { password }) },
      }),
    ),

  sessions: () => got(coordinator.GET('/api/v1/account/sessions')),
  endSession: (id: string) => done(coordinator.DELETE('/api/v1/account/sessions/{id}', within(id))),
  endOtherSessions: () => done(coordinator.DELETE('/api/v1/account/sessions')),
  devices: () => got(coordinator.GET('/api/v1/account/devices')),
  endDevice: (id: string) => done(coordinator.DELETE('/api/v1/account/devices/{id}', within(id))),
  tokens: () => got(coordinator.GET('/api/v1/account/tokens')),
  makeToken: (token: NewApiToken) => got(coordinator.POST('/api/v1/account/tokens', { body: token })),
  endToken: (id: string) => done(coordinator.DELETE('/api/v1/account/tokens/{id}', within(id))),

  plan: () => got(coordinator.GET('/api/v1/account/plan')),
  runners: () => got(coordinator.GET('/api/v1/account/runners')),
  audit: (before?: string) =>
    got(
      coordinator.GET('/api/v1/account/audit', {
        params: { query: { limit: 50, ...(before === undefined ? {} : { before }) } },
      }),
    ),

  notifications: (before?: string) =>
    got(
      coordinator.GET('/api/v1/notifications', {
        params: { query: { limit: 30, ...(before === undefined ? {} : { before }) } },
      }),
    ),
  /** Marks notifications as seen; all of them when none is named. */
  markRead: (ids: string[]) => done(coordinator.POST('/api/v1/notifications/read', { body: { ids } })),
  notificationSettings: () => got(coordinator.GET('/api/v1/account/notification-settings')),
  setNotificationSettings: (settings: NotificationSettings) =>
    done(coordinator.PUT('/api/v1/account/notification-settings', { body: settings })),
};

const own = (kind: string): readonly ['account', string] => ['account', kind];

/** What is asked about the reader's own account. */
export const accountQueries = {
  account: () => queryOptions({ queryKey: own('self'), queryFn: accountApi.account }),
  sessions: () => queryOptions({ queryKey: own('sessions'), queryFn: accountApi.sessions }),
  devices: () => queryOptions({ queryKey: own('devices'), queryFn: accountApi.devices }),
  tokens: () => queryOptions({ queryKey: own('tokens'), queryFn: accountApi.tokens }),
  plan: () => queryOptions({ queryKey: own('plan'), queryFn: accountApi.plan, staleTime: 0 }),
  runners: () => queryOptions({ queryKey: own('runners'), queryFn: accountApi.runners }),
  notificationSettings: () =>
    queryOptions({ queryKey: own('notification-settings'), queryFn: accountApi.notificationSettings }),
  auditKey: own('audit'),
  notificationsKey: own('notifications'),
};

/** Where the browser goes to sign in with the identity provider, and then to `next`. */
export function providerAddress(next: string | undefined): string {
  const query = next === undefined ? '' : `?next=${encodeURIComponent(next)}`;
  return `/api/v1/auth/oidc/start${query}`;
}
