import { describe, expect, it } from 'vitest';

import type { Event, EventEntry } from '$/protocol';

import { steps } from './steps';

const entries = (...events: Event[]): EventEntry[] =>
  events.map((event, index) => ({ n: index + 1, at: index * 10, event }));
const started = (tool_call: string): Event => ({
  type: 'tool_started',
  tool_call,
  kind: 'run',
  title: tool_call,
});
const ended = (tool_call: string): Event => ({
  type: 'tool_ended',
  tool_call,
  status: 'completed',
  result: 'ok',
});

describe('events as a timeline', () => {
  it('makes one row of a tool call and its end, however they are mixed', () => {
    const rows = steps(entries(started('a'), started('b'), ended('b'), ended('a')));
    expect(rows.map((row) => row.kind === 'tool' && [row.title, row.status, row.endedAt])).toEqual([
      ['a', 'completed', 30],
      ['b', 'completed', 20],
    ]);
  });

  it('shows a call that still runs without a status', () => {
    expect(steps(entries(started('a')))).toMatchObject([{ kind: 'tool', status: undefined }]);
  });

  it('passes over an end whose beginning is not known', () => {
    expect(steps(entries(ended('a')))).toEqual([]);
  });

  it('shows only the newest plan', () => {
    const plan = (text: string): Event => ({ type: 'plan_updated', items: [{ text, status: 'pending' }] });
    const rows = steps(entries(plan('one'), { type: 'phase_changed', phase: 'running' }, plan('two')));
    expect(rows.map(({ n }) => n)).toEqual([2, 3]);
  });
});
