import type { PermissionLevel, Platform, Sharing } from '$/protocol';

import { count, number } from './plural';

const systems: Record<string, string> = { linux: 'Linux', macos: 'macOS', windows: 'Windows' };
const processors: Record<string, string> = { x86_64: 'x64', aarch64: 'arm64' };

/** A system's name as people write it. */
export const osWord = (os: string): string => systems[os] ?? os;
/** A processor's name as people write it. */
export const archWord = (arch: string): string => processors[arch] ?? arch;

/** Words of the Runners page. */
export const runners = {
  title: 'Runners',
  tabs: 'Which runners',
  my: 'My Runners',
  all: 'All Runners',
  table: 'Runners',
  search: 'Filter runners',
  filters: 'Filters',
  download: 'Download Runner',
  columns: {
    runner: 'Runner',
    owner: 'Owner',
    sharing: 'Sharing',
    status: 'Status',
    capabilities: 'Capabilities',
    jobs: 'Jobs',
    heartbeat: 'Last heartbeat',
    actions: 'Actions',
  },
  shortId: 'short id',
  sharing: { private: 'Private', shared: 'Shared' } satisfies Record<Sharing, string>,
  sharingHelp: {
    private: 'Only its owner’s jobs',
    shared: 'Jobs of other members of this workspace too',
  } satisfies Record<Sharing, string>,
  offline: 'Offline',
  offlineHelp: 'Not heard of lately',
  stale: 'Stale',
  staleHelp: 'Not heard of for more than 30 days',
  neverConnected: 'Never connected',
  neverConnectedHelp: 'Registered, and not heard of since',
  idle: 'Online, idle',
  idleHelp: 'Heard of lately; runs nothing',
  active: (used: number, total: number) => `Active ${String(used)}/${String(total)}`,
  activeHelp: 'Heard of lately; slots in use of all',
  paused: 'Paused',
  pausedOpen: 'Until somebody resumes it',
  pausedBy: (by: string | undefined, until: string) =>
    `${by === undefined ? 'Paused at the machine' : `Paused by ${by}`}. ${until}`,
  pausedByShort: (by: string) => `Paused by ${by}`,
  pausedUntil: (time: string) => `Paused until ${time}`,
  draining: 'Draining',
  drainingHelp: 'Finishes its jobs, then stops',
  disabled: 'Disabled',
  disabledBy: (by: string, at: string) => `By ${by}, ${at}`,
  trouble: 'Trouble',
  agent: {
    disabled: 'switched off',
    not_found: 'not on this machine',
    unsupported: 'cannot be used',
    signed_out: 'not signed in',
    usable: 'ready',
  },
  notYet: 'not said yet',
  moreAgents: (n: number) => `+${String(n)}`,
  modeLocal: 'Local',
  modeLocalHelp: 'Works in a fresh folder under its workspace directory',
  system: ({ os, arch }: Platform) => `${osWord(os)} ${archWord(arch)}`,
  os: osWord,
  now: (n: number) => (n === 0 ? 'none now' : `${String(n)} now`),
  moreJobs: (n: number) => `+${String(n)}`,
  lifetime: (n: number) => `${number(n)} in all`,
  never: 'never',

  anyStatus: 'Any status',
  statusFilter: {
    online: 'Online',
    idle: 'Idle',
    active: 'Active',
    paused: 'Paused',
    draining: 'Draining',
    disabled: 'Disabled',
    trouble: 'With trouble',
    offline: 'Offline',
    stale: 'Stale',
    never_connected: 'Never connected',
  },
  anySharing: 'Any sharing',
  agentFilter: 'Agent',
  anyAgent: 'Any agent',
  systemFilter: 'System',
  anySystem: 'Any system',
  sortBy: 'Sort by',
  sorted: (column: string, down: boolean) => `${column} ${down ? '↓' : '↑'}`,
  shownOf: (shown: number, total: number) =>
    shown === total
      ? count(total, 'runner', 'runners')
      : `${number(shown)} of ${count(total, 'runner', 'runners')}`,
  clear: 'Clear filters',

  select: (name: string) => `Select ${name}`,
  selectAll: 'Select all runners',
  bulk: 'Selected runners',
  chosen: (n: number) => `${number(n)} selected`,
  chooseAll: (n: number) => `Select all ${number(n)}`,
  clearChoice: 'Clear selection',

  myEmptyTitle: 'You have no runner yet',
  myEmptyText: 'A runner is a machine of yours that takes jobs and lets coding agents work on them.',
  allEmptyTitle: 'This workspace has no runner yet',
  allEmptyText: 'A runner is a machine that takes jobs. Every member’s runners appear here by themselves.',
  steps: [
    'Install the runner on a machine',
    'Sign in from it, as yourself',
    'It appears here, and takes jobs',
  ],
  headless: 'Without a screen: command line',
  noneTitle: 'No runner matches',
  noneText: 'Change the filters to see more.',
} as const;

/** How much an agent may do without asking, in a job of somebody else. */
export const permissionWord: Record<PermissionLevel, string> = {
  read_only: 'agents may only look at files',
  ask: 'agents ask before they change anything',
  accept_edits: 'agents may change files in the job’s folder',
  trusted: 'agents may do whatever is not forbidden',
};
