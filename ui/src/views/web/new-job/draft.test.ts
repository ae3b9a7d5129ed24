import { describe, expect, it } from 'vitest';

import { faults, jobOf, readDraft, targetOf, type Draft } from './draft.svelte';

const draft = (changes: Partial<Draft> = {}): Draft => ({
  title: 'T',
  instructions: 'Do it',
  target: 'my',
  runner: '',
  agent: '',
  model: '',
  extra: '',
  priority: 'normal',
  team: [],
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
    const team = [{ account_id: 'a', role: 'editor' as const }];
    const filled = draft({
      title: ' T ',
      target: 'runner',
      runner: 'r',
      agent: 'demo',
      model: ' large ',
      extra: ' --fast\n\n--level=2 two words \n',
      priority: 'high',
      team,
    });
    expect(jobOf(filled)).toEqual({
      title: 'T',
      instructions: 'Do it',
      context: 'local',
      target: { kind: 'runner', runner_id: 'r' },
      agent: 'demo',
      model: 'large',
      extra_arguments: ['--fast', '--level=2 two words'],
      priority: 'high',
      team,
      ready: false,
    });
    expect(jobOf(draft({ model: ' ' })).model).toBeNull();
    expect(targetOf(draft({ target: 'runner' }))).toBeUndefined();
  });
});

describe('a draft that was kept', () => {
  it('reads back as it was', () => {
    const whole = draft({ priority: 'urgent', team: [{ account_id: 'a', role: 'lead' }], target: 'team' });
    expect(readDraft(JSON.stringify(whole))).toEqual(whole);
  });

  it('of an earlier version keeps its text', () => {
    const text = JSON.stringify({
      title: 'T',
      instructions: 'Do it',
      target: 'any',
      runner: '',
      agent: 'demo',
    });
    expect(readDraft(text)).toEqual(draft({ target: 'any', agent: 'demo' }));
  });

  it.each(['', 'null', '[]', '7', '{"title":7,"target":"nobody","team":[{"role":"king"}],"priority":1}'])(
    'that says %s is an empty one',
    (text) => {
      expect(readDraft(text)).toEqual(draft({ title: '', instructions: '' }));
    },
  );
});
