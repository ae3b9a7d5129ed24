import { QueryObserver } from '@tanstack/svelte-query';
import { describe, expect, it } from 'vitest';

import { applyChange, concerns, concernsAccount, newQueryClient } from './queries';

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
    for (const state of ['backlog', 'in_progress', 'done'])
      expect(concerns(change, key('job'), { id: 'a', state })).toBe(false);
    // A hold is lifted, and one is set.
    const hold = { reason: 'no_runner', runners: [] };
    expect(concerns(change, key('job'), { id: 'a', state: 'ready', hold })).toBe(true);
    expect(concerns(change, key('job'), { id: 'a', state: 'ready', hold: null })).toBe(true);
    expect(concerns({ what: 'runners' }, key('job'), { id: 'a', state: 'ready' })).toBe(true);
    expect(concerns({ what: 'workspace' }, key('job'), { id: 'a', state: 'ready' })).toBe(true);
    expect(concerns({ what: 'workspace' }, key('job'), { id: 'a', state: 'done' })).toBe(false);
    expect(concerns(change, key('jobs'), {})).toBe(false);
    expect(concerns(change, key('runners'), {})).toBe(true);
  });

  it('fetches the page of the runner that changed, and what says who may take a job', () => {
    const page = (kind: string, runner: string): readonly unknown[] => ['workspace', 'w', kind, runner];
    const one = { what: 'runner', runner_id: 'r' } as const;
    for (const kind of ['runner', 'runner-timeline']) {
      expect(concerns(one, page(kind, 'r'), {})).toBe(true);
      expect(concerns(one, page(kind, 'other'), {})).toBe(false);
      expect(concerns({ what: 'runners' }, page(kind, 'other'), {})).toBe(true);
    }
    expect(concerns(one, page('job-runners', 'j'), {})).toBe(true);
    expect(concerns({ what: 'jobs' }, page('runner-history', 'r'), {})).toBe(true);
  });

  it('fetches nothing for a longer log, and everything when something was missed', () => {
    const log = { what: 'log', job_id: 'a', attempt_id: 't', last: 9 } as const;
    for (const kind of ['job', 'jobs', 'runners', 'pending']) {
      expect(concerns(log, key(kind), { id: 'a' })).toBe(false);
      expect(concerns({ what: 'everything' }, key(kind), { id: 'a' })).toBe(true);
    }
  });
});

describe('what a change makes out of date of the account', () => {
  it('asks again who is signed in when the workspace changed, and nothing else', () => {
    expect(concernsAccount({ what: 'workspace' }, ['me'])).toBe(true);
    expect(concernsAccount({ what: 'workspace' }, ['account', 'tokens'])).toBe(false);
    expect(concernsAccount({ what: 'runner', runner_id: 'r' }, ['me'])).toBe(false);
  });

  it('asks for the own runners when one of the workspace changed', () => {
    expect(concernsAccount({ what: 'runner', runner_id: 'r' }, ['account', 'runners'])).toBe(true);
    expect(concernsAccount({ what: 'runners' }, ['account', 'runners'])).toBe(true);
    expect(concernsAccount({ what: 'runners' }, ['account', 'tokens'])).toBe(false);
    expect(concernsAccount({ what: 'job', job_id: 'j' }, ['account', 'runners'])).toBe(false);
  });

  it('asks for notifications when one came, and for everything when something was missed', () => {
    expect(concernsAccount({ what: 'notifications' }, ['account', 'notifications'])).toBe(true);
    expect(concernsAccount({ what: 'notifications' }, ['account', 'view'])).toBe(false);
    expect(concernsAccount({ what: 'everything' }, ['account', 'sessions'])).toBe(true);
    expect(concernsAccount({ what: 'everything' }, ['device', 'ABCD-EFGH'])).toBe(false);
  });
});

describe('a change while the server is being asked', () => {
  /** A query whose answers are given by hand. */
  function asked() {
    const answers: ((value: number) => void)[] = [];
    const client = newQueryClient();
    const observer = new QueryObserver(client, {
      queryKey: key('runners'),
      queryFn: () => new Promise<number>((resolve) => answers.push(resolve)),
    });
    const stop = observer.subscribe(() => undefined);
    return { client, answers, observer, stop };
  }

  it('asks once more, also when that was the first time', async () => {
    const { client, answers, observer, stop } = asked();
    applyChange(client, 'w', { what: 'everything' });
    applyChange(client, 'w', { what: 'everything' });
    expect(answers).toHaveLength(1);
    answers[0]?.(1);
    await expect.poll(() => answers.length).toBe(2);
    expect(observer.getCurrentResult().data).toBe(1);
    answers[1]?.(2);
    await expect.poll(() => observer.getCurrentResult().data).toBe(2);
    expect(answers).toHaveLength(2);
    stop();
  });

  it('does not break off what is under way, however fast changes come', async () => {
    const { client, answers, observer, stop } = asked();
    answers[0]?.(1);
    await expect.poll(() => observer.getCurrentResult().data).toBe(1);
    for (let n = 0; n < 10; n += 1) applyChange(client, 'w', { what: 'everything' });
    expect(answers).toHaveLength(2);
    answers[1]?.(2);
    await expect.poll(() => observer.getCurrentResult().data).toBe(2);
    stop();
  });
});
