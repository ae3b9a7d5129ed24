import { createContext } from 'svelte';

import type { LiveFeed } from '$/client/live.svelte';
import type { Me, Workspace } from '$/protocol';

/** What every page of a workspace may ask for. */
export interface WorkspaceContext {
  readonly workspace: Workspace;
  readonly me: Me;
  readonly feed: LiveFeed;
}

export const [useWorkspace, setWorkspace] = createContext<WorkspaceContext>();

/** Whether the reader may create jobs and answer. */
export function mayAct({ workspace }: WorkspaceContext): boolean {
  return workspace.role !== 'viewer';
}
