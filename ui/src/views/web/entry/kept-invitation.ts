const key = 'coord.invitation';

/**
 * Keeps an invitation's token in this tab while the person signs in or signs up: it must stand in no
 * address that is sent to a server.
 */
export function keepInvitation(token: string): void {
  try {
    sessionStorage.setItem(key, token);
  } catch {
    // Without storage the person opens the link again after signing in.
  }
}

/** The invitation that this tab is about, if any. */
export function keptInvitation(): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Forgets it, once it was accepted or cannot be. */
export function dropInvitation(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
