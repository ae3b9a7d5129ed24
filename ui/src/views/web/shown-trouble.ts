import { asApiError } from '$/client/problem';
import type { Trouble } from '$/shared/trouble';
import { errors } from '$/words/errors';

/** An error as a note on the page. */
export function shownTrouble(error: unknown): Trouble {
  const { code, message, hint, requestId } = asApiError(error);
  const headline = errors[code];
  return {
    what: headline ?? message,
    why: headline === undefined ? undefined : message,
    todo: hint,
    code,
    request: requestId,
  };
}
