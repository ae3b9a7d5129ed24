import { describe, expect, it } from 'vitest';

import type { RunnerAction } from '$/protocol';

import { sampleRunner } from '../runners/sample';
import { bulkOf, offered, refusal } from './options';
import { pauseMs } from './pauses';

const all: readonly RunnerAction[] = [
  'rename',
  'share',
  'unshare',
  'disable',
  'enable',
  'pause',
  'resume',
  'remove',
];
const allowed = (...actions: RunnerAction[]) =>
  all.map((action) => ({ action, ...(actions.includes(action) ? {} : { refused: 'Only its owner can.' }) }));

describe('what is offered for a runner', () => {
  it('is of two opposites the one that changes something', () => {
    expect(offered(sampleRunner())).toEqual(['rename', 'share', 'pause', 'disable', 'remove']);
    const changed = sampleRunner({
      sharing: 'shared',
      paused: { since: 0 },
      disabled: { by: 'Grace', at: 0, reason: 'disk' },
    });
    expect(offered(changed)).toEqual(['rename', 'unshare', 'resume', 'enable', 'remove']);
  });

  it('is the one that is possible, also before the runner has carried out what was asked', () => {
    const asked = sampleRunner({ options: allowed('resume', 'share') });
    expect(offered(asked)).toEqual(['rename', 'share', 'resume', 'disable', 'remove']);
  });

  it('says why it cannot be done, also when the server does not offer it at all', () => {
    expect(refusal(sampleRunner({ options: allowed('share') }), 'share')).toBeUndefined();
    expect(refusal(sampleRunner({ options: allowed('share') }), 'remove')).toBe('Only its owner can.');
    expect(refusal(sampleRunner(), 'remove')).not.toBeUndefined();
  });
});

describe('an action on several runners', () => {
  const mine = sampleRunner({
    id: 'mine',
    options: allowed('rename', 'share', 'pause', 'disable', 'remove'),
  });
  const theirs = sampleRunner({
    id: 'theirs',
    sharing: 'shared',
    options: allowed('disable', 'unshare'),
  });

  it('counts only those to which it can be done', () => {
    const counts = bulkOf([mine, theirs]).map(({ action, can }) => [action, can.map(({ id }) => id)]);
    expect(counts).toEqual([
      ['share', ['mine']],
      ['unshare', ['theirs']],
      ['pause', ['mine']],
      ['disable', ['mine', 'theirs']],
      ['remove', ['mine']],
    ]);
  });

  it('that can be done to none is shown once, with the reason', () => {
    const removal = bulkOf([theirs]).find(({ action }) => action === 'remove');
    expect(removal).toMatchObject({ can: [], refused: 'Only its owner can.' });
    expect(bulkOf([theirs]).filter(({ action }) => action === 'pause' || action === 'resume')).toHaveLength(
      1,
    );
  });
});

describe('a pause', () => {
  it('until tomorrow ends at eight in the morning', () => {
    const evening = new Date(2026, 4, 31, 22, 30).getTime();
    expect(new Date(evening + (pauseMs('tomorrow', evening) ?? 0))).toEqual(new Date(2026, 5, 1, 8));
  });

  it('without an end has none', () => {
    expect(pauseMs('open', 0)).toBeUndefined();
    expect(pauseMs('quarter', 0)).toBe(900_000);
  });
});
