import { expect, it } from 'vitest';

import { levelsOf, shortName } from './workspace-levels';

it('workspaces that follow what counts for all are not among those with a level', () => {
  expect(levelsOf({})).toEqual([]);
  expect(
    levelsOf({ workspaces: { team: { permission: 'ask' }, lab: {}, art: { permission: 'trusted' } } }),
  ).toEqual([
    ['art', 'trusted'],
    ['team', 'ask'],
  ]);
});

it('a short name is one of an address', () => {
  expect(shortName(' data-platform2 ')).toBe('data-platform2');
  for (const text of ['', 'Team', 'a b', '-a', 'a--b', 'ä', 'a'.repeat(41), 'team/../x'])
    expect(shortName(text)).toBeUndefined();
});
