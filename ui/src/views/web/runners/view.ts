import type { RunnerView } from '$/protocol';

import { foundAgents, isStale, matches } from './usable';

/** What a runner may be filtered by, as the Status column says it. */
export const statuses = [
  'online',
  'idle',
  'active',
  'paused',
  'draining',
  'disabled',
  'trouble',
  'offline',
  'stale',
  'never_connected',
] as const;
export type StatusFilter = (typeof statuses)[number];

export const sortKeys = ['name', 'owner', 'sharing', 'status', 'jobs', 'heartbeat'] as const;
export type SortKey = (typeof sortKeys)[number];

/** What the address says of the list: which tab, narrowed to what, in which order. */
export interface FleetView {
  tab: 'my' | 'all';
  search: string;
  status: StatusFilter | undefined;
  sharing: 'private' | 'shared' | undefined;
  agent: string | undefined;
  system: string | undefined;
  sort: SortKey;
  down: boolean;
}

/** The one of `known` that an address names. */
function oneOf<T extends string>(known: readonly T[], text: string | null): T | undefined {
  return known.find((candidate) => candidate === text);
}

/** What an address asks for; whatever it says wrongly is left out. */
export function viewFrom(query: URLSearchParams): FleetView {
  const sort = query.get('sort') ?? '';
  return {
    tab: query.get('tab') === 'all' ? 'all' : 'my',
    search: query.get('search')?.trim() ?? '',
    status: oneOf(statuses, query.get('status')),
    sharing: oneOf(['private', 'shared'], query.get('sharing')),
    agent: query.get('agent') ?? undefined,
    system: query.get('system') ?? undefined,
    sort: oneOf(sortKeys, sort.replace(/^-/, '')) ?? 'name',
    down: sort.startsWith('-'),
  };
}

/** How an order stands in an address; the usual one does not. */
export function sortWord(sort: SortKey, down: boolean): string | undefined {
  if (sort === 'name' && !down) return undefined;
  return down ? `-${sort}` : sort;
}

/** Whether anything but the tab narrows the list. */
export function isNarrowed({ search, status, sharing, agent, system }: FleetView): boolean {
  return search !== '' || [status, sharing, agent, system].some((value) => value !== undefined);
}

function hasStatus(runner: RunnerView, status: StatusFilter, now: number): boolean {
  switch (status) {
    case 'online':
      return runner.state === 'online';
    case 'idle':
      return runner.state === 'online' && runner.activity === 'idle';
    case 'active':
      return runner.state === 'online' && runner.activity === 'active';
    case 'paused':
      return runner.paused != null;
    case 'draining':
      return runner.draining;
    case 'disabled':
      return runner.disabled != null;
    case 'trouble':
      return runner.troubles.length > 0;
    case 'offline':
      return runner.state === 'offline';
    case 'stale':
      return isStale(runner, now);
    case 'never_connected':
      return runner.state === 'never_connected';
  }
}

/** The runners that a view is narrowed to, apart from its tab. */
export function narrowed(runners: readonly RunnerView[], view: FleetView, now: number): RunnerView[] {
  return runners.filter(
    (runner) =>
      (view.status === undefined || hasStatus(runner, view.status, now)) &&
      (view.sharing === undefined || runner.sharing === view.sharing) &&
      (view.agent === undefined || foundAgents(runner).some(({ name }) => name === view.agent)) &&
      (view.system === undefined || runner.capabilities?.platform.os === view.system) &&
      (view.search === '' || matches(runner, view.search)),
  );
}

/** Where a runner stands among others by its status: what works first, what is gone last. */
function statusRank(runner: RunnerView): number {
  if (runner.state === 'never_connected') return 5;
  if (runner.state === 'offline') return 4;
  if (runner.disabled != null) return 3;
  if (runner.paused != null || runner.draining) return 2;
  return runner.activity === 'active' ? 0 : 1;
}

const compare: Record<SortKey, (one: RunnerView, other: RunnerView) => number> = {
  name: () => 0,
  owner: (one, other) => collator.compare(one.owner.name, other.owner.name),
  sharing: (one, other) => Number(other.sharing === 'shared') - Number(one.sharing === 'shared'),
  status: (one, other) => statusRank(one) - statusRank(other),
  jobs: (one, other) => used(other) - used(one) || other.lifetime_attempts - one.lifetime_attempts,
  heartbeat: (one, other) => (other.last_heartbeat_at ?? 0) - (one.last_heartbeat_at ?? 0),
};
/** Compares names as people order them; asking each text for it anew takes many times as long. */
export const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** How many of its slots are in use. */
export function used({ slots }: RunnerView): number {
  return slots.total - slots.free;
}

/** Runners in the order of a view; equal ones by name, and then by short id. */
export function sorted(runners: readonly RunnerView[], { sort, down }: FleetView): RunnerView[] {
  const by = compare[sort];
  const direction = down ? -1 : 1;
  return [...runners].sort((one, other) => {
    const named = collator.compare(one.name, other.name) || collator.compare(one.short_id, other.short_id);
    return sort === 'name' ? direction * named : direction * by(one, other) || named;
  });
}

/**
 * Runners in the order in which they stood before, so that no row moves away under a pointer; new
 * ones come last.
 */
export function heldIn(before: readonly string[], runners: readonly RunnerView[]): RunnerView[] {
  const places = new Map(before.map((id, index) => [id, index]));
  const place = ({ id }: RunnerView): number => places.get(id) ?? before.length;
  return [...runners].sort((one, other) => place(one) - place(other));
}
