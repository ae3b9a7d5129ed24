import { describe, expect, it } from 'vitest';

import { draftOf, faultOf, textOf, withText } from './rule';

const push = { kind: 'command', words: ['git', 'push'] } as const;

describe('a rule that is edited', () => {
  it('reads back as its words', () => {
    expect(textOf({ ...push, words: [...push.words] })).toBe('git push');
    expect(withText({ kind: 'command', words: [] }, '  git   push origin ')).toEqual({
      kind: 'command',
      words: ['git', 'push', 'origin'],
    });
  });

  it('stays of its kind', () => {
    expect(withText({ kind: 'path', pattern: 'a' }, ' src/** ')).toEqual({ kind: 'path', pattern: 'src/**' });
    expect(withText({ kind: 'tool', tool: 'a' }, 'WebFetch')).toEqual({ kind: 'tool', tool: 'WebFetch' });
  });

  it('leaves out what it is not held to', () => {
    const chosen = { text: 'git push', agent: undefined, workspace: 'team', days: 7 };
    expect(draftOf({ kind: 'command', words: [] }, chosen)).toEqual({
      matches: { kind: 'command', words: ['git', 'push'] },
      workspace: 'team',
      days: 7,
    });
  });
});

it('a rule has to cover what is asked', () => {
  const command = { kind: 'command', words: ['git', 'push'] } as const;
  const asked = { ...command, words: [...command.words] };
  expect(faultOf(asked, '  ')).toBe('empty');
  expect(faultOf(asked, 'git')).toBeUndefined();
  expect(faultOf(asked, ' git  push origin')).toBeUndefined();
  expect(faultOf(asked, 'git pull')).toBe('other');
  expect(faultOf(asked, 'bash')).toBe('other');
  expect(faultOf({ kind: 'tool', tool: 'Fetch' }, 'Fetch')).toBeUndefined();
  expect(faultOf({ kind: 'tool', tool: 'Fetch' }, 'Bash')).toBe('other');
  expect(faultOf({ kind: 'path', pattern: 'src/**' }, 'src/*.rs')).toBeUndefined();
});
