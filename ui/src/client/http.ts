import createClient from 'openapi-fetch';

import type { paths } from './generated/coordinator';
import { ApiError, errorFrom, unreachable } from './problem';

/** No request waits longer than this for its answer; an upload gets more. */
const answerMsMax = 30_000;
const uploadMsMax = 10 * 60_000;

async function inTime(request: Request): Promise<Response> {
  const deadline = AbortSignal.timeout(request.method === 'PUT' ? uploadMsMax : answerMsMax);
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, deadline]) });
  } catch (error) {
    // Whoever called it off is told so; every other failure is a server that does not answer.
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
}

/** The coordinator's interface, typed by its own description. */
export const coordinator = createClient<paths>({ fetch: inTime });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What an answer holds; throws an ApiError when the request was refused. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw errorFrom(response.status, error);
  if (data === undefined) throw new ApiError({ code: 'internal', message: 'The server’s answer is empty.' });
  return data;
}

/** As `got`, for calls whose answer says nothing. */
export async function done(asked: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await asked;
  if (!response.ok) throw errorFrom(response.status, error);
}
