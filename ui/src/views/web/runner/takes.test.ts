import { describe, expect, it } from 'vitest';

import { sampleAgent, sampleRunner } from '../runners/sample';
import { blockers, consent } from './takes';

const platform = { os: 'linux', os_version: 'Debian 13', arch: 'x86_64', hostname: 'h' };

describe('what keeps a runner from taking jobs', () => {
  it('is nothing while it is online and free', () => {
    expect(blockers(sampleRunner())).toEqual([]);
  });

  it('is everything that stands against it, each in words', () => {
    const reasons = blockers(
      sampleRunner({
        disabled: { by: 'Grace', at: 0, reason: 'The disk is full' },
        paused: { since: 0, note: 'On a train' },
        draining: true,
        slots: { total: 1, free: 0 },
        troubles: [{ code: 'x', message: 'The folder is missing.' }],
      }),
    ).join('\n');
    for (const word of [
      'Grace',
      'The disk is full',
      'On a train',
      'finishes',
      'The folder is missing.',
      'slots',
    ])
      expect(reasons).toContain(word);
  });

  it('is that no agent can be used, once it has said which it has', () => {
    const agents = [sampleAgent({ enabled: false }), sampleAgent({ name: 'b', sign_in: 'signed_out' })];
    expect(blockers(sampleRunner({ capabilities: { platform, runner_version: '1', agents } }))).toHaveLength(
      1,
    );
    expect(blockers(sampleRunner({ state: 'never_connected', capabilities: null }))).toHaveLength(1);
  });

  it('does not speak of slots while it is away', () => {
    expect(blockers(sampleRunner({ state: 'offline', slots: { total: 1, free: 0 } }))).toHaveLength(1);
  });
});

describe('what an owner allows others', () => {
  const use = { allowed: true, permission: 'ask', open_now: true } as const;

  it('says nothing more when it allows nothing', () => {
    expect(consent({ ...use, allowed: false, people: ['grace@example.org'], at_once: 2 })).toHaveLength(1);
  });

  it('names people, agents, hours and numbers where it narrows them', () => {
    expect(consent({ ...use })).toHaveLength(2);
    const narrow = consent({
      ...use,
      people: ['grace@example.org'],
      agents: ['claude'],
      hours: 'Mon-Fri 18:00-08:00',
      open_now: false,
      at_once: 1,
    });
    expect(narrow).toHaveLength(5);
    expect(narrow.join('\n')).toContain('closed now');
    expect(narrow.join('\n')).toContain('1 job of others');
  });
});
