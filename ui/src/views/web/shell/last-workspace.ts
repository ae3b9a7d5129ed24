import type { Workspace } from '$/protocol';

const key = 'coord.workspace';

/** Keeps where the reader was, for the next visit. */
export function rememberWorkspace(slug: string): void {
  try {
    localStorage.setItem(key, slug);
  } catch {
    // Without storage the next visit begins in the first workspace.
  }
}

/** The workspace to begin with: the one of the last visit, else the first. */
export function lastWorkspace(workspaces: readonly Workspace[]): Workspace | undefined {
  let slug: string | null = null;
  try {
    slug = localStorage.getItem(key);
  } catch {
    // As above.
  }
  return workspaces.find((workspace) => workspace.slug === slug) ?? workspaces[0];
}
