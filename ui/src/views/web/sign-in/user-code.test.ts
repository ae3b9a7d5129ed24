import { expect, it } from 'vitest';

import { userCode } from './user-code';

it.each([
  ['abcd-efgh', 'ABCD-EFGH'],
  [' ABCDEFGH ', 'ABCD-EFGH'],
  ['abcd efg2', 'ABCD-EFG2'],
  ['abc', undefined],
  ['ABCD-EFGHI', undefined],
])('reads %j as %j', (typed, code) => expect(userCode(typed)).toBe(code));
