import type { QueryClient } from '@tanstack/svelte-query';

import { toasts } from '$/shared/toasts.svelte';

import { place } from '../place.svelte';
import { to } from '../routes';

/** Goes away from a workspace that is the reader's no more, and forgets what was known of it. */
export async function leaveFor(client: QueryClient, workspace: string, spoken: string): Promise<void> {
  toasts.show(spoken);
  // First away, so that nothing asks for what is gone; home waits until it is known where that is.
  await client.invalidateQueries({ queryKey: ['me'] });
  place.go(to.home(), { replace: true });
  client.removeQueries({ queryKey: ['workspace', workspace] });
}
