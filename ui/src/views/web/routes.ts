import type { JobState } from '$/protocol';

/** The parts of the account's settings, in the order of their list. */
export const accountSections = [
  'profile',
  'security',
  'tokens',
  'plan',
  'notifications',
  'runners',
  'activity',
] as const;
export type AccountSection = (typeof accountSections)[number];

/** A page of the web app, with what its address says. */
export type Route =
  | { page: 'home' }
  | { page: 'sign-in'; next: string | undefined }
  | { page: 'sign-up'; next: string | undefined }
  | { page: 'forgot' }
  | { page: 'reset' }
  | { page: 'invite' }
  | { page: 'device'; code: string | undefined }
  | { page: 'account'; section: AccountSection }
  | { page: 'jobs'; workspace: string }
  | { page: 'new-job'; workspace: string }
  | { page: 'job'; workspace: string; number: number }
  | { page: 'runners'; workspace: string }
  | { page: 'people'; workspace: string }
  | { page: 'settings'; workspace: string }
  | { page: 'audit'; workspace: string }
  | { page: 'runner'; workspace: string; runner: string }
  | { page: 'download-runner'; workspace: string }
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
  const alone = first !== 'w' && parts.length <= 2 ? matchAlone(first, workspace, query) : undefined;
  if (alone !== undefined) return alone;
  if (first !== 'w' || workspace === undefined || rest.length > 0) return { page: 'unknown' };
  if (area === undefined || (area === 'jobs' && item === undefined)) return { page: 'jobs', workspace };
  if (area === 'runners') {
    if (item === undefined) return { page: 'runners', workspace };
    if (item === 'download') return { page: 'download-runner', workspace };
    return { page: 'runner', workspace, runner: item };
  }
  if ((area === 'people' || area === 'settings' || area === 'audit') && item === undefined)
    return { page: area, workspace };
  if (area !== 'jobs' || item === undefined) return { page: 'unknown' };
  if (item === 'new') return { page: 'new-job', workspace };
  return /^[1-9]\d{0,14}$/.test(item)
    ? { page: 'job', workspace, number: Number(item) }
    : { page: 'unknown' };
}

/** The pages that belong to no workspace. */
function matchAlone(first: string, second: string | undefined, query: URLSearchParams): Route | undefined {
  if (first === 'account') {
    const section = accountSections.find((name) => name === (second ?? 'profile'));
    return section === undefined ? undefined : { page: 'account', section };
  }
  if (second !== undefined) return undefined;
  if (first === 'sign-up') return { page: 'sign-up', next: safeNext(query.get('next')) };
  return first === 'forgot' || first === 'reset' || first === 'invite' ? { page: first } : undefined;
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
  if (url?.origin !== base || url.pathname.startsWith('/api') || /^\/sign-(in|up)$/.test(url.pathname))
    return undefined;
  return url.pathname + url.search + url.hash;
}

const part = encodeURIComponent;

/** Addresses of the pages. */
export const to = {
  home: () => '/',
  signIn: (next?: string) =>
    next === undefined || next === '/' ? '/sign-in' : `/sign-in?next=${part(next)}`,
  signUp: (next?: string) =>
    next === undefined || next === '/' ? '/sign-up' : `/sign-up?next=${part(next)}`,
  forgot: () => '/forgot',
  invite: () => '/invite',
  account: (section: AccountSection = 'profile') =>
    section === 'profile' ? '/account' : `/account/${section}`,
  device: (code: string) => `/device?code=${part(code)}`,
  jobs: (workspace: string, filter?: { state?: JobState }) =>
    `/w/${part(workspace)}/jobs${filter?.state === undefined ? '' : `?state=${filter.state}`}`,
  newJob: (workspace: string) => `/w/${part(workspace)}/jobs/new`,
  job: (workspace: string, number: number) => `/w/${part(workspace)}/jobs/${String(number)}`,
  runners: (workspace: string) => `/w/${part(workspace)}/runners`,
  people: (workspace: string) => `/w/${part(workspace)}/people`,
  settings: (workspace: string) => `/w/${part(workspace)}/settings`,
  audit: (workspace: string, filter?: { action?: string; actor?: string }) => {
    const query = new URLSearchParams(filter).toString();
    return `/w/${part(workspace)}/audit${query === '' ? '' : `?${query}`}`;
  },
  runner: (workspace: string, runner: string) => `/w/${part(workspace)}/runners/${part(runner)}`,
  downloadRunner: (workspace: string) => `/w/${part(workspace)}/runners/download`,
};
