import type { QueryClient, QueryKey } from '@tanstack/svelte-query';

/** Takes back what was shown too early. */
export type Undo = () => void;

/**
 * Shows what a change makes of cached data before the server has said so. A fetch under way is called
 * off, since its answer may be from before the change.
 */
export async function showAtOnce<T>(
  client: QueryClient,
  queryKey: QueryKey,
  change: (data: T) => T,
): Promise<Undo> {
  await client.cancelQueries({ queryKey, exact: true });
  const before = client.getQueryData<T>(queryKey);
  if (before === undefined) return () => undefined;
  client.setQueryData<T>(queryKey, change(before));
  return () => client.setQueryData<T>(queryKey, before);
}
