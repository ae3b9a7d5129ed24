import type { Use } from '$/protocol';
import { plan as words } from '$/words/account';

/** One limit with its use, as a meter shows it; `say` turns an amount into words. */
export function useWords(
  { used, limit }: Use,
  say: (amount: number) => string,
): { used: number; limit: number | undefined; words: string } {
  return limit == null
    ? { used, limit: undefined, words: words.unlimited(say(used)) }
    : { used, limit, words: words.of(say(used), say(limit)) };
}
