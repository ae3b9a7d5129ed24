import { queryOptions } from '@tanstack/svelte-query';

import type { NewInvitation, NewWorkspace, Role, WorkspaceUpdate } from '$/protocol';

import { coordinator, done, got } from './http';

/** What the audit log is narrowed to; the actor by account. */
export interface AuditFilter {
  actor: string;
  action: string;
}

const at = (workspace: string): { params: { path: { workspace: string } } } => ({
  params: { path: { workspace } },
});
const member = (
  workspace: string,
  account: string,
): { params: { path: { workspace: string; account: string } } } => ({
  params: { path: { workspace, account } },
});
const invitation = (
  workspace: string,
  id: string,
): { params: { path: { workspace: string; id: string } } } => ({
  params: { path: { workspace, id } },
});

/** Only what the filter names. */
function narrowed({ actor, action }: AuditFilter): { actor?: string; action?: string } {
  return { ...(actor === '' ? {} : { actor }), ...(action === '' ? {} : { action }) };
}

/** Calls about a workspace and the people in it. */
export const teamApi = {
  create: (workspace: NewWorkspace) => got(coordinator.POST('/api/v1/workspaces', { body: workspace })),
  one: (workspace: string) => got(coordinator.GET('/api/v1/workspaces/{workspace}', at(workspace))),
  update: (workspace: string, changes: WorkspaceUpdate) =>
    got(coordinator.PATCH('/api/v1/workspaces/{workspace}', { ...at(workspace), body: changes })),
  remove: (workspace: string, name: string) =>
    done(coordinator.POST('/api/v1/workspaces/{workspace}/delete', { ...at(workspace), body: { name } })),
  leave: (workspace: string) => done(coordinator.POST('/api/v1/workspaces/{workspace}/leave', at(workspace))),
  transfer: (workspace: string, account: string) =>
    done(
      coordinator.POST('/api/v1/workspaces/{workspace}/transfer', {
        ...at(workspace),
        body: { account_id: account },
      }),
    ),

  members: (workspace: string) =>
    got(coordinator.GET('/api/v1/workspaces/{workspace}/members', at(workspace))),
  changeRole: (workspace: string, account: string, role: Role) =>
    done(
      coordinator.PUT('/api/v1/workspaces/{workspace}/members/{account}', {
        ...member(workspace, account),
        body: { role },
      }),
    ),
  removeMember: (workspace: string, account: string) =>
    done(coordinator.DELETE('/api/v1/workspaces/{workspace}/members/{account}', member(workspace, account))),
  resetLink: (workspace: string, account: string) =>
    got(
      coordinator.POST(
        '/api/v1/workspaces/{workspace}/members/{account}/reset-link',
        member(workspace, account),
      ),
    ),

  invitations: (workspace: string) =>
    got(coordinator.GET('/api/v1/workspaces/{workspace}/invitations', at(workspace))),
  invite: (workspace: string, person: NewInvitation) =>
    got(coordinator.POST('/api/v1/workspaces/{workspace}/invitations', { ...at(workspace), body: person })),
  resend: (workspace: string, id: string) =>
    got(
      coordinator.POST('/api/v1/workspaces/{workspace}/invitations/{id}/resend', invitation(workspace, id)),
    ),
  revoke: (workspace: string, id: string) =>
    done(coordinator.DELETE('/api/v1/workspaces/{workspace}/invitations/{id}', invitation(workspace, id))),
  invitation: (token: string) =>
    got(coordinator.GET('/api/v1/invitations/{token}', { params: { path: { token } } })),
  accept: (token: string) =>
    got(coordinator.POST('/api/v1/invitations/{token}/accept', { params: { path: { token } } })),

  audit: (workspace: string, filter: AuditFilter, before?: string) =>
    got(
      coordinator.GET('/api/v1/workspaces/{workspace}/audit', {
        params: {
          path: { workspace },
          query: { limit: 50, ...narrowed(filter), ...(before === undefined ? {} : { before }) },
        },
      }),
    ),
};

/** What is asked about a workspace's people, under keys that a change can name. */
export const teamQueries = {
  workspace: (workspace: string) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'itself'],
      queryFn: () => teamApi.one(workspace),
    }),
  members: (workspace: string) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'members'],
      queryFn: () => teamApi.members(workspace),
    }),
  invitations: (workspace: string) =>
    queryOptions({
      queryKey: ['workspace', workspace, 'invitations'],
      queryFn: () => teamApi.invitations(workspace),
    }),
  invitation: (token: string) =>
    queryOptions({ queryKey: ['invitation', token], queryFn: () => teamApi.invitation(token), staleTime: 0 }),
  auditKey: (workspace: string, filter: AuditFilter) => ['workspace', workspace, 'audit', filter] as const,
};

/** Where the browser fetches the whole audit log as a file. */
export function auditExport(workspace: string, ending: 'csv' | 'ndjson', filter: AuditFilter): string {
  const query = new URLSearchParams(narrowed(filter)).toString();
  const path = `/api/v1/workspaces/${encodeURIComponent(workspace)}/audit.${ending}`;
  return query === '' ? path : `${path}?${query}`;
}
