import type { LogKind } from '$/protocol';

import { count } from './plural';

const kinds: Record<LogKind, string> = {
  text: 'agent',
  thinking: 'thinking',
  tool: 'tool',
  stderr: 'stderr',
  runner: 'runner',
};

/** Words of the log viewer. */
export const log = {
  kinds,
  label: 'Log',
  search: 'Search the log',
  hits: (current: number, total: number) =>
    total === 0
      ? 'no match'
      : `${current < 0 ? '–' : (current + 1).toLocaleString('en')} of ${total.toLocaleString('en')}`,
  previous: 'Previous match',
  next: 'Next match',
  wrap: 'Wrap lines',
  times: 'Show times',
  raw: 'Plain text',
  newLines: (n: number) => `↓ ${n === 0 ? 'Newest lines' : count(n, 'new line', 'new lines')}`,
  earlier: (n: number) => `Load earlier lines (${n.toLocaleString('en')} more)`,
  loadingEarlier: 'Loading earlier lines…',
  onlyLoaded: (n: number) =>
    `Searches the loaded lines; ${n.toLocaleString('en')} earlier entries are not loaded.`,
  loadAll: 'Load all',
  cut: (characters: number) => `… ${characters.toLocaleString('en')} more characters, see the plain text`,
  lines: (n: number) => count(n, 'line', 'lines'),
  live: 'Live',
  ended: 'Complete',
  empty: 'Nothing has been said yet',
  emptyText: 'What the agent and its tools say appears here as it happens.',
} as const;
