import type { ErrorCode, Problem } from '$/protocol';

/** A request that was refused, or that never got an answer. */
export class ApiError extends Error {
  /** What programs act on; `unreachable` when there was no answer at all. */
  readonly code: ErrorCode | 'unreachable';
  readonly hint: string | undefined;
  readonly requestId: string | undefined;

  constructor(problem: Omit<Problem, 'code'> & { code: ErrorCode | 'unreachable' }) {
    super(problem.message);
    this.name = 'ApiError';
    this.code = problem.code;
    this.hint = problem.hint ?? undefined;
    this.requestId = problem.request_id ?? undefined;
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'message' in body;
}

/** The error that an answer's body describes; another server in between may have written it. */
export function errorFrom(status: number, body: unknown): ApiError {
  if (isProblem(body)) return new ApiError(body);
  const code = status === 503 || status === 502 || status === 504 ? 'unavailable' : 'internal';
  return new ApiError({
    code,
    message: `The server answered with ${String(status)} and no explanation.`,
    hint: 'A proxy in between may have answered. Try again, then look at the server’s log.',
  });
}

/** The error of a request that got no answer. */
export function unreachable(): ApiError {
  return new ApiError({
    code: 'unreachable',
    message: 'The server does not answer.',
    hint: 'Check the network. The page goes on by itself as soon as the server answers again.',
  });
}

/** Any failure as an error that can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TypeError) return unreachable();
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError({ code: 'internal', message });
}

/** Whether trying again may help without anything else changing. */
export function isPassing(error: unknown): boolean {
  const { code } = asApiError(error);
  return code === 'unreachable' || code === 'unavailable' || code === 'rate_limited';
}
