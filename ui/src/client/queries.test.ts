import { describe, expect, it } from 'vitest';

import { concerns } from './queries';

const key = (kind: string): readonly unknown[] => ['workspace', 'w', kind, 1];

describe('what a change makes out of date', () => {
  it('fetches only the job that changed, and every list', () => {
    const change = { what: 'job', job_id: 'a' } as const;
    expect(concerns(change, key('job'), { id: 'a' })).toBe(true);
    expect(concerns(change, key('job'), { id: 'b' })).toBe(false);
    for (const kind of ['jobs', 'pending', 'runners']) expect(concerns(change, key(kind), {})).toBe(true);
  });

  it('leaves jobs alone when a runner changes, unless they wait for one', () => {
    const change = { what: 'runner', runner_id: 'r' } as const;
    expect(concerns(change, key('job'), { id: 'a', hold: null })).toBe(false);
    expect(concerns(change, key('job'), { id: 'a', hold: { reason: 'no_runner', runners: [] } })).toBe(true);
    expect(concerns(change, key('jobs'), {})).toBe(false);
    expect(concerns(change, key('runners'), {})).toBe(true);
  });

  it('fetches nothing for a longer log, and everything when something was missed', () => {
    const log = { what: 'log', job_id: 'a', attempt_id: 't', last: 9 } as const;
    for (const kind of ['job', 'jobs', 'runners', 'pending']) {
      expect(concerns(log, key(kind), { id: 'a' })).toBe(false);
      expect(concerns({ what: 'everything' }, key(kind), { id: 'a' })).toBe(true);
    }
  });
});
