import type { GivenAnswer } from '$/answer';

/**
 * The answer that a key gives on a card: A allows once, D denies.
 *
 * Only while the focus is on the card itself or on a button of it, never while somebody writes,
 * and never when the key is held down: the next card must not be answered by the same press.
 */
export function answerOfKey(event: KeyboardEvent): GivenAnswer | undefined {
  const { target, key, altKey, ctrlKey, metaKey, repeat } = event;
  if (altKey || ctrlKey || metaKey || repeat || event.isComposing) return undefined;
  if (target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null)
    return undefined;
  if (key === 'a' || key === 'A') return { decision: 'allow_once' };
  if (key === 'd' || key === 'D') return { decision: 'deny' };
  return undefined;
}
