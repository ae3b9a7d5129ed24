import type { JobState } from '$/protocol';

/** A page of the web app, with what its address says. */
export type Route =
  | { page: 'home' }
  | { page: 'sign-in'; next: string | undefined }
  | { page: 'device'; code: string | undefined }
  | { page: 'jobs'; workspace: string }
  | { page: 'new-job'; workspace: string }
  | { page: 'job'; workspace: string; number: number }
  | { page: 'runners'; workspace: string }
  | { page: 'unknown' };

/** The page that an address names. */
export function match(pathname: string, query: URLSearchParams): Route {
  const parts = split(pathname);
  if (parts === undefined) return { page: 'unknown' };
  const [first, workspace, area, item, ...rest] = parts;
  if (first === undefined) return { page: 'home' };
  if (parts.length === 1 && first === 'sign-in') {
    return { page: 'sign-in', next: safeNext(query.get('next')) };
  }
  if (parts.length === 1 && first === 'device') {
    return { page: 'device', code: query.get('code')?.trim() ?? undefined };
  }
  if (first !== 'w' || workspace === undefined || rest.length > 0) return { page: 'unknown' };
  if (area === undefined || (area === 'jobs' && item === undefined)) return { page: 'jobs', workspace };
  if (area === 'runners' && item === undefined) return { page: 'runners', workspace };
  if (area !== 'jobs' || item === undefined) return { page: 'unknown' };
  if (item === 'new') return { page: 'new-job', workspace };
  return /^[1-9]\d{0,14}$/.test(item)
    ? { page: 'job', workspace, number: Number(item) }
    : { page: 'unknown' };
}

/** The parts of a path; none when it is not well-formed. */
function split(pathname: string): string[] | undefined {
  try {
    return pathname
      .split('/')
      .filter((piece) => piece !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** An address to go back to after signing in, only within this app. */
export function safeNext(next: string | null): string | undefined {
  if (next === null || !next.startsWith('/')) return undefined;
  const base = 'http://app.invalid';
  const url = URL.canParse(next, base) ? new URL(next, base) : undefined;
  if (url?.origin !== base || url.pathname.startsWith('/api') || url.pathname === '/sign-in')
    return undefined;
  return url.pathname + url.search + url.hash;
}

const part = encodeURIComponent;

/** Addresses of the pages. */
export const to = {
  home: () => '/',
  signIn: (next?: string) =>
    next === undefined || next === '/' ? '/sign-in' : `/sign-in?next=${part(next)}`,
  device: (code: string) => `/device?code=${part(code)}`,
  jobs: (workspace: string, filter?: { state?: JobState }) =>
    `/w/${part(workspace)}/jobs${filter?.state === undefined ? '' : `?state=${filter.state}`}`,
  newJob: (workspace: string) => `/w/${part(workspace)}/jobs/new`,
  job: (workspace: string, number: number) => `/w/${part(workspace)}/jobs/${String(number)}`,
  runners: (workspace: string) => `/w/${part(workspace)}/runners`,
};
