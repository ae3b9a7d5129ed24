import { describe, expect, it } from 'vitest';

import { draftOf, faultOf, reachesBeyond, textOf, withText } from './rule';

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

describe('a rule that is checked before it is kept', () => {
  const command = { kind: 'command', words: ['git', 'push'] } as const;
  const proposed = { ...command, words: [...command.words] };
  const run = { kind: 'run', command: 'git push origin x' } as const;
  const edit = (path: string) => ({ kind: 'edit', path, diff: '+x' }) as const;
  const beside = { kind: 'path', pattern: 'src/deep/**' } as const;
  const alone = { kind: 'path', pattern: 'a.rs' } as const;

  it('has to cover the command or tool that is asked', () => {
    expect(faultOf(proposed, '  ', run)).toBe('empty');
    expect(faultOf(proposed, 'git', run)).toBeUndefined();
    expect(faultOf(proposed, ' git  push origin', run)).toBeUndefined();
    expect(faultOf(proposed, 'git pull', run)).toBe('other');
    expect(faultOf(proposed, 'bash', run)).toBe('other');
    const fetch = { kind: 'other', title: 'Fetch', detail: '{}' } as const;
    expect(faultOf({ kind: 'tool', tool: 'Fetch' }, 'Fetch', fetch)).toBeUndefined();
    expect(faultOf({ kind: 'tool', tool: 'Fetch' }, 'Bash', fetch)).toBe('other');
  });

  it('has to cover the file that is asked, and not every file', () => {
    for (const path of ['src/deep/a.rs', '/home/ada/jobs/7/src/deep/a.rs', 'C:\\jobs\\7\\src\\deep\\a.rs']) {
      for (const pattern of ['src/deep/**', 'src/deep/*.rs', 'src/**', '**/*.rs', 'src/*/a.rs'])
        expect(faultOf(beside, pattern, edit(path)), `${pattern} ${path}`).toBeUndefined();
      for (const pattern of ['docs/**', 'src/*.rs', 'src/deep/*.md', 'src/deep', 'src/deepXa.rs', '/etc/**'])
        expect(faultOf(beside, pattern, edit(path)), `${pattern} ${path}`).toBe('other');
    }
    for (const pattern of ['*', '**', '**/*'])
      expect(faultOf(beside, pattern, edit('src/deep/a.rs'))).toBe('all');
    expect(faultOf(alone, '*.rs', edit('a.rs'))).toBeUndefined();
    expect(faultOf(alone, 'b.rs', edit('a.rs'))).toBe('other');
  });

  it('tells when it allows more than what was proposed', () => {
    expect(reachesBeyond(proposed, 'git')).toBe(true);
    expect(reachesBeyond(proposed, 'git push')).toBe(false);
    expect(reachesBeyond(proposed, 'git push origin')).toBe(false);
    expect(reachesBeyond(beside, 'src/deep/*.rs')).toBe(false);
    expect(reachesBeyond(beside, 'src/**')).toBe(true);
    expect(reachesBeyond(beside, '**/*.rs')).toBe(true);
    expect(reachesBeyond(alone, 'a.rs')).toBe(false);
    expect(reachesBeyond(alone, '*.rs')).toBe(true);
    expect(reachesBeyond({ kind: 'tool', tool: 'Fetch' }, 'Fetch')).toBe(false);
  });
});
