import { expect, it } from 'vitest';

import { sampleRunner } from '../runners/sample';
import { choosable } from './choosable';

const grace = { id: 'grace', name: 'Grace', email: 'grace@example.org' };

it('offers one’s own and shared runners, connected ones first, and says why not the others', () => {
  const fleet = [
    sampleRunner({ id: 'private', name: 'a', owner: grace }),
    sampleRunner({ id: 'shared', name: 'b', owner: grace, sharing: 'shared' }),
    sampleRunner({ id: 'away', name: 'a', state: 'offline' }),
    sampleRunner({ id: 'own', name: 'c' }),
  ];
  const found = choosable(fleet, 'ada', '');
  expect(found.map(({ runner }) => runner.id)).toEqual(['shared', 'own', 'away', 'private']);
  expect(found.filter(({ refused }) => refused !== undefined).map(({ refused }) => refused)).toEqual([
    'private: only Grace’s jobs',
  ]);
  expect(choosable(fleet, 'ada', 'grace@').map(({ runner }) => runner.id)).toEqual(['shared', 'private']);
});
