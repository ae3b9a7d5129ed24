import { describe, expect, it } from 'vitest';

import { filterFrom } from './filter';

describe('a filter in the address', () => {
  it('knows its names, single states and lists of them', () => {
    expect(filterFrom(new URLSearchParams('state=open')).states).toHaveLength(4);
    expect(filterFrom(new URLSearchParams('state=ready,backlog')).states).toEqual(['ready', 'backlog']);
    expect(filterFrom(new URLSearchParams('state=done'))).toEqual({
      name: 'done',
      states: ['done'],
      search: '',
    });
  });

  it('shows everything when it understands nothing', () => {
    expect(filterFrom(new URLSearchParams('state=nonsense&search=%20login%20'))).toEqual({
      name: 'all',
      states: [],
      search: 'login',
    });
  });
});
