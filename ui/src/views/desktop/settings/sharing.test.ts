import { describe, expect, it } from 'vitest';

import { fromAtOnce, fromLines, noLimit, toLines } from './sharing';

describe('who may use the machine', () => {
  it('is read however it is written, each address once', () => {
    expect(fromLines(' Ada@example.com, bob@example.com\nada@example.com;\n')).toEqual([
      'ada@example.com',
      'bob@example.com',
    ]);
    expect(fromLines('  \n')).toEqual([]);
    expect(fromLines(toLines(['a@b.c', 'd@e.f']))).toEqual(['a@b.c', 'd@e.f']);
    expect(toLines(undefined)).toBe('');
  });
});

it('takes whole numbers from 1 as a limit, nothing as none, and never guesses', () => {
  expect(fromAtOnce(' 3 ')).toBe(3);
  expect(fromAtOnce('  ')).toBe(noLimit);
  for (const text of ['0', '-1', '1.5', 'two', '99999']) expect(fromAtOnce(text)).toBeUndefined();
});
