import type { QueryClient } from '@tanstack/svelte-query';

import { api } from '$/client/api';

import { place } from '../place.svelte';

/** Forgets everything that belongs to the person who was signed in. */
export function forgetPerson(client: QueryClient): void {
  client.removeQueries({ queryKey: ['workspace'] });
  client.removeQueries({ queryKey: ['account'] });
  void client.resetQueries({ queryKey: ['me'] });
}

/** How a mutation signs out and goes on to another page, also when the session had ended already. */
export function signingOut(
  client: QueryClient,
  next: () => string,
): { mutationFn: () => Promise<void>; onSettled: () => void } {
  return {
    mutationFn: api.signOut,
    onSettled: () => {
      forgetPerson(client);
      place.go(next(), { replace: true });
    },
  };
}
