import { describe, expect, it } from 'vitest';

import type { NotificationView } from '$/protocol';

import { grouped, leadsTo, seen } from './groups';

const workspace = { id: 'w', slug: 'team', name: 'Team' };
const one = (id: string, more: Partial<NotificationView> = {}): NotificationView => ({
  id,
  kind: 'job_done',
  text: id,
  at: 0,
  read: false,
  ...more,
});

describe('notifications', () => {
  it('put first what waits for the reader, and only as long as it does', () => {
    const { needsYou, others } = grouped([
      one('done'),
      one('ask', { kind: 'approval_waiting' }),
      one('answered', { kind: 'question_waiting', read: true }),
      one('question', { kind: 'question_waiting' }),
    ]);
    expect(needsYou.map(({ id }) => id)).toEqual(['ask', 'question']);
    expect(others.map(({ id }) => id)).toEqual(['done', 'answered']);
  });

  it('lead to what they are about', () => {
    expect(leadsTo(one('a', { workspace, job_number: 7 }))).toBe('/w/team/jobs/7');
    const runner = { id: 'r', short_id: 'abcdef', name: 'big box' };
    expect(leadsTo(one('a', { workspace, kind: 'runner_disabled', runner }))).toBe(
      '/w/team/runners?search=big%20box',
    );
    expect(leadsTo(one('a', { kind: 'runner_offline', runner }))).toBe('/account/runners');
    expect(leadsTo(one('a', { workspace, kind: 'membership_changed' }))).toBe('/w/team/people');
    expect(leadsTo(one('a', { kind: 'membership_changed' }))).toBe('/');
  });
});

describe('marking as seen', () => {
  const data = {
    pageParams: [undefined, 'b'],
    pages: [
      { notifications: [one('a'), one('b', { read: true })], unread: 5, next: 'b' },
      { notifications: [one('c')], unread: 5 },
    ],
  };

  it('counts only what was not seen before, on every page', () => {
    const after = seen(data, ['a', 'b', 'c', 'elsewhere']);
    expect(after.pages.map(({ unread }) => unread)).toEqual([3, 3]);
    expect(after.pages.flatMap(({ notifications }) => notifications).every(({ read }) => read)).toBe(true);
    expect(data.pages[0]?.notifications[0]?.read).toBe(false);
  });

  it('of all leaves none, also of those that were not loaded', () => {
    expect(seen(data, []).pages.map(({ unread }) => unread)).toEqual([0, 0]);
  });
});
