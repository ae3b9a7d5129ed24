/** What a screen reader is told next; shown by Announcer.svelte. */
export const spoken = $state({ polite: '', assertive: '' });

/** Tells a screen reader, without moving the focus. */
export function announce(text: string, urgency: 'polite' | 'assertive' = 'polite'): void {
  // The same words twice are only spoken twice when the text differs.
  spoken[urgency] = spoken[urgency] === text ? `${text}\u00a0` : text;
}
