import { errorFrom, unreachable } from './problem';

interface Call {
  method?: 'GET' | 'POST' | 'PUT';
  body?: unknown;
  raw?: Blob;
  signal?: AbortSignal | undefined;
}

/** No request waits longer than this for its answer. */
const answerMsMax = 30_000;

/** One call to the coordinator; throws an ApiError when it is refused or not answered. */
export async function call<T>(path: string, { method = 'GET', body, raw, signal }: Call = {}): Promise<T> {
  const deadline = AbortSignal.timeout(raw === undefined ? answerMsMax : 10 * 60_000);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      ...(raw === undefined ? {} : { body: raw }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  }
  const text = await response.text();
  const parsed: unknown = text === '' ? undefined : parse(text);
  if (!response.ok) throw errorFrom(response.status, parsed);
  return parsed as T;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
