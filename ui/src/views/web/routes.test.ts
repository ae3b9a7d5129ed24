import { describe, expect, it } from 'vitest';

import { accountSections, match, safeNext, to, type Route } from './routes';

const at = (address: string): Route => {
  const url = new URL(address, 'http://app.invalid');
  return match(url.pathname, url.searchParams);
};

describe('addresses', () => {
  it('read back as the page that they were made for', () => {
    expect(at(to.home())).toEqual({ page: 'home' });
    expect(at(to.signIn('/w/a/jobs?state=done'))).toEqual({ page: 'sign-in', next: '/w/a/jobs?state=done' });
    expect(at(to.device('ABCD-EFGH'))).toEqual({ page: 'device', code: 'ABCD-EFGH' });
    expect(at(to.jobs('a', { state: 'done' }))).toEqual({ page: 'jobs', workspace: 'a' });
    expect(at(to.newJob('a'))).toEqual({ page: 'new-job', workspace: 'a' });
    expect(at(to.job('a', 12))).toEqual({ page: 'job', workspace: 'a', number: 12 });
    expect(at(to.runners('ä b'))).toEqual({ page: 'runners', workspace: 'ä b' });
    expect(at(to.runner('a', 'r1'))).toEqual({ page: 'runner', workspace: 'a', runner: 'r1' });
    expect(at(to.downloadRunner('a'))).toEqual({ page: 'download-runner', workspace: 'a' });
    expect(at(to.people('a'))).toEqual({ page: 'people', workspace: 'a' });
    expect(at(to.settings('a'))).toEqual({ page: 'settings', workspace: 'a' });
    expect(at(to.audit('a', { action: 'member' }))).toEqual({ page: 'audit', workspace: 'a' });
  });

  it('of pages that belong to no workspace do so, too', () => {
    expect(at(to.signUp('/w/a/people'))).toEqual({ page: 'sign-up', next: '/w/a/people' });
    expect(at(to.forgot())).toEqual({ page: 'forgot' });
    expect(at(`${to.invite()}#secret`)).toEqual({ page: 'invite' });
    expect(at('/reset#secret')).toEqual({ page: 'reset' });
    for (const section of accountSections)
      expect(at(to.account(section))).toEqual({ page: 'account', section });
  });

  it.each([
    '/w',
    '/w/a/board',
    '/w/a/jobs/0',
    '/w/a/jobs/x',
    '/w/a/jobs/1/2',
    '/nowhere',
    '/w/a/people/1',
    '/account/nothing',
    '/account/profile/more',
    '/invite/secret',
    '/w/%E0%A4%A/jobs',
  ])('knows no page at %s', (address) => expect(at(address)).toEqual({ page: 'unknown' }));

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    'javascript:alert(1)',
    '/api/v1/me',
    '/sign-in',
    '/sign-up?next=%2Fsign-up',
  ])('does not go to %s after signing in', (next) => expect(safeNext(next)).toBeUndefined());
});
