import type { JobFilter } from '$/client/api';
import type { JobState } from '$/protocol';

/** The choices above the list; a single state can stand in the address as well. */
export type FilterName = 'all' | 'open' | 'done' | 'failed' | 'cancelled';

const open: readonly JobState[] = ['backlog', 'ready', 'in_progress', 'awaiting_review'];
const all: readonly string[] = [...open, 'done', 'failed', 'cancelled'];

const byName: Record<FilterName, readonly JobState[]> = {
  all: [],
  open,
  done: ['done'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};

export const filterNames = Object.keys(byName) as FilterName[];

/** What an address asks for. */
export function filterFrom(query: URLSearchParams): JobFilter & { name: FilterName | undefined } {
  const text = query.get('state') ?? 'all';
  const search = query.get('search')?.trim() ?? '';
  const name = filterNames.find((candidate) => candidate === text);
  if (name !== undefined) return { name, states: byName[name], search };
  const states = text.split(',').filter((state): state is JobState => all.includes(state));
  return { name: states.length === 0 ? 'all' : undefined, states, search };
}
