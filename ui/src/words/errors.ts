import type { ErrorCode } from '$/protocol';

/** What happened, in a few words, where the server's own sentence needs a headline. */
export const errors: Partial<Record<ErrorCode | 'unreachable', string>> = {
  unreachable: 'Cannot reach the server',
  unavailable: 'The server is busy or restarting',
  rate_limited: 'Too many tries',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'It has changed meanwhile',
  internal: 'Something broke inside the server',
  too_large: 'Too large',
};
