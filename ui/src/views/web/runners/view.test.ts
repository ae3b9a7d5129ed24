import { describe, expect, it } from 'vitest';

import type { RunnerView } from '$/protocol';

import { sampleAgent, sampleRunner } from './sample';
import { isOlder } from './usable';
import { heldIn, isNarrowed, narrowed, sorted, sortKeys, sortWord, viewFrom } from './view';

const view = (query: string) => viewFrom(new URLSearchParams(query));
const names = (runners: readonly RunnerView[]): string[] => runners.map(({ name }) => name);
const day = 86_400_000;

describe('what an address asks for', () => {
  it('is one’s own runners by name when it says nothing', () => {
    expect(view('')).toMatchObject({ tab: 'my', search: '', sort: 'name', down: false });
    expect(isNarrowed(view('tab=all&sort=-jobs'))).toBe(false);
  });

  it('leaves out what it says wrongly', () => {
    expect(view('tab=x&status=happy&sharing=some&sort=-colour')).toMatchObject({
      tab: 'my',
      status: undefined,
      sharing: undefined,
      sort: 'name',
      down: true,
    });
  });

  it('reads back every order that it is given', () => {
    for (const sort of sortKeys) {
      for (const down of [false, true]) {
        const word = sortWord(sort, down);
        expect(view(word === undefined ? '' : `sort=${word}`)).toMatchObject({ sort, down });
      }
    }
  });
});

describe('the filters', () => {
  const fleet = [
    sampleRunner({ id: '1', name: 'idle' }),
    sampleRunner({ id: '2', name: 'busy', activity: 'active', slots: { total: 2, free: 0 } }),
    sampleRunner({ id: '3', name: 'paused', paused: { since: 0 } }),
    sampleRunner({ id: '4', name: 'off', state: 'offline', last_heartbeat_at: 31 * day }),
    sampleRunner({ id: '5', name: 'gone', state: 'offline', last_heartbeat_at: 10 * day, sharing: 'shared' }),
    sampleRunner({ id: '6', name: 'new', state: 'never_connected', capabilities: null }),
    sampleRunner({ id: '7', name: 'barred', disabled: { by: 'Grace', at: 0, reason: 'disk' } }),
  ];
  const found = (query: string): string[] => names(narrowed(fleet, view(query), 45 * day));

  it.each([
    ['status=online', ['idle', 'busy', 'paused', 'barred']],
    ['status=idle', ['idle', 'paused', 'barred']],
    ['status=active', ['busy']],
    ['status=paused', ['paused']],
    ['status=disabled', ['barred']],
    ['status=offline', ['off', 'gone']],
    ['status=stale', ['gone']],
    ['status=never_connected', ['new']],
    ['sharing=shared', ['gone']],
    ['search=bus', ['busy']],
    ['search=debian&status=idle', ['idle', 'paused', 'barred']],
    ['system=macos', []],
  ])('%s finds %j', (query, wanted) => expect(found(query)).toEqual(wanted));

  it('finds an agent that is on the machine, and none that is not', () => {
    const claude = sampleAgent({ name: 'claude', title: 'Claude Code', detection: 'not_found' });
    const platform = sampleRunner().capabilities?.platform;
    if (!platform) throw new Error('the sample has a platform');
    const without = sampleRunner({ capabilities: { platform, runner_version: '1', agents: [claude] } });
    expect(narrowed([without], view('agent=claude'), 0)).toEqual([]);
    expect(names(narrowed(fleet, view('agent=demo&search=idle'), 0))).toEqual(['idle']);
  });
});

describe('the order', () => {
  const fleet = [
    sampleRunner({ id: '1', name: 'box-10', lifetime_attempts: 5 }),
    sampleRunner({ id: '2', name: 'box-9', lifetime_attempts: 50 }),
    sampleRunner({ id: '3', name: 'Alpha', state: 'offline', lifetime_attempts: 5 }),
  ];
  const order = (query: string): string[] => names(sorted(fleet, view(query)));

  it('counts numbers in names as numbers, and does not mind capitals', () => {
    expect(order('')).toEqual(['Alpha', 'box-9', 'box-10']);
    expect(order('sort=-name')).toEqual(['box-10', 'box-9', 'Alpha']);
  });

  it('is by name among equals, whichever way it goes', () => {
    expect(order('sort=jobs')).toEqual(['box-9', 'Alpha', 'box-10']);
    expect(order('sort=-jobs')).toEqual(['Alpha', 'box-10', 'box-9']);
    expect(order('sort=status')).toEqual(['box-9', 'box-10', 'Alpha']);
  });

  it('keeps still while it is held: nothing moves, new ones come last', () => {
    const one = sampleRunner({ id: 'new', name: 'aaa' });
    expect(names(heldIn(['3', '1', '2'], [one, ...fleet]))).toEqual(['Alpha', 'box-10', 'box-9', 'aaa']);
    expect(names(heldIn(['3', '1', '2'], fleet.slice(1)))).toEqual(['Alpha', 'box-9']);
  });
});

describe('an older version', () => {
  it.each([
    ['0.9.0', '0.10.0', true],
    ['0.1.0', '0.1.0', false],
    ['1.0', '1.0.1', true],
    ['2.0.0', '1.9.9', false],
    ['0.1.0-dev', '0.1.0', false],
    ['dev', '1.0.0', false],
  ])('%s before %s: %s', (version, than, older) => expect(isOlder(version, than)).toBe(older));
});
