import { describe, expect, it } from 'vitest';

import { faults, jobOf, targetOf, type Draft } from './draft.svelte';

const draft = (changes: Partial<Draft> = {}): Draft => ({
  title: 'T',
  instructions: 'Do it',
  target: 'my',
  runner: '',
  agent: '',
  ...changes,
});

describe('a draft of a job', () => {
  it('says what is missing', () => {
    expect(faults(draft())).toEqual([]);
    expect(faults(draft({ title: ' ', instructions: '\n' }))).toEqual([
      'title-missing',
      'instructions-missing',
    ]);
    expect(faults(draft({ target: 'runner' }))).toEqual(['runner-missing']);
  });

  it('keeps the limits of the protocol, in characters and in bytes', () => {
    expect(faults(draft({ title: '😀'.repeat(200) }))).toEqual([]);
    expect(faults(draft({ title: 'x'.repeat(201) }))).toEqual(['title-long']);
    expect(faults(draft({ instructions: 'ä'.repeat(524_288) }))).toEqual([]);
    expect(faults(draft({ instructions: 'ä'.repeat(524_289) }))).toEqual(['instructions-long']);
  });

  it('becomes a job in Backlog', () => {
    expect(jobOf(draft({ title: ' T ', target: 'runner', runner: 'r', agent: 'demo' }))).toEqual({
      title: 'T',
      instructions: 'Do it',
      context: 'local',
      target: { kind: 'runner', runner_id: 'r' },
      agent: 'demo',
      ready: false,
    });
    expect(targetOf(draft({ target: 'runner' }))).toBeUndefined();
  });
});
