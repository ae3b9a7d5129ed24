import type { RunnerAction } from '$/protocol';

import { count } from './plural';

const runnersOf = (n: number): string => count(n, 'runner', 'runners');

/** What each action is called in a menu; three dots where a question follows. */
export const actionWord: Record<RunnerAction, string> = {
  rename: 'Rename',
  share: 'Share…',
  unshare: 'Make private…',
  disable: 'Disable…',
  enable: 'Enable',
  pause: 'Pause…',
  resume: 'Resume',
  remove: 'Remove…',
};

/** What an action is called on a button for several runners. */
export const bulkWord: Record<RunnerAction, (n: number) => string> = {
  rename: (n) => `Rename ${runnersOf(n)}`,
  share: (n) => `Share ${runnersOf(n)}…`,
  unshare: (n) => `Make ${runnersOf(n)} private…`,
  disable: (n) => `Disable ${runnersOf(n)}…`,
  enable: (n) => `Enable ${runnersOf(n)}`,
  pause: (n) => `Pause ${runnersOf(n)}…`,
  resume: (n) => `Resume ${runnersOf(n)}`,
  remove: (n) => `Remove ${runnersOf(n)}…`,
};

/** What is said when an action has been done to one, or to several. */
export const doneWord: Record<RunnerAction, (name: string) => string> = {
  rename: (name) => `Renamed to ${name}`,
  share: (name) => `${name}: shared in this workspace`,
  unshare: (name) => `${name}: private again`,
  disable: (name) => `${name}: disabled in this workspace`,
  enable: (name) => `${name}: enabled`,
  pause: (name) => `${name}: will pause`,
  resume: (name) => `${name}: will resume`,
  remove: (name) => `${name}: removed`,
};

/** Words of the questions before an action. */
export const runnerActions = {
  menu: (name: string) => `Actions for ${name}`,
  subject: (names: readonly string[]) => (names.length === 1 ? (names[0] ?? '') : runnersOf(names.length)),
  leftOut: (n: number) => `${runnersOf(n)} left out`,
  failed: (n: number, of: number) =>
    of === 1 ? 'It was not done' : `${String(n)} of ${runnersOf(of)} failed`,
  listed: 'Runners',
  nothing: 'This can be done to none of the chosen runners.',
  notOffered: 'You have no right to do this.',

  newName: (name: string) => `New name of ${name}`,
  nameNeeded: 'A runner needs a name.',
  nameLong: (max: number) => `At most ${String(max)} characters.`,
  renamed: (from: string, to: string) => `${from} is now ${to}`,

  shareTitle: (subject: string) => `Share ${subject}?`,
  shareText: (workspace: string) =>
    `Every member of ${workspace} will be able to run their jobs on it, with the agents installed there, as far as its owner’s policy on the machine allows.`,
  shareDo: 'Share',
  shareDoMany: (n: number) => `Share ${runnersOf(n)}`,
  unshareTitle: (subject: string) => `Make ${subject} private?`,
  unshareText: (workspace: string) =>
    `It takes no more jobs of other members of ${workspace}; those that it has finish. Jobs of its owner go on.`,
  unshareDo: 'Make private',
  unshareDoMany: (n: number) => `Make ${runnersOf(n)} private`,
  policy: 'Its owner’s policy on the machine',

  pauseTitle: (subject: string) => `Pause ${subject}?`,
  pauseText: 'It finishes what it has, and takes no new job in any workspace until the pause ends.',
  pauseFor: 'For how long',
  pauses: {
    quarter: '15 minutes',
    hour: '1 hour',
    tomorrow: 'Until tomorrow, 8:00',
    open: 'Until somebody resumes it',
  },
  note: 'Note',
  noteHelp: 'Shown to everybody who sees the runner. Optional.',
  pauseDo: 'Pause',
  pauseDoMany: (n: number) => `Pause ${runnersOf(n)}`,

  disableTitle: (subject: string) => `Disable ${subject}?`,
  disableText: (workspace: string) =>
    `It takes no new job in ${workspace} until an admin enables it. It works on in other workspaces.`,
  finishes: (n: number) =>
    n === 0
      ? 'It runs no job of this workspace now.'
      : `${count(n, 'job', 'jobs')} that it runs here will finish.`,
  reason: 'Reason',
  reasonHelp: 'Shown to everybody in the workspace.',
  reasonNeeded: 'Say why, so that others know what has to be mended.',
  textLong: (max: number) => `At most ${String(max)} characters.`,
  disableDo: 'Disable',
  disableDoMany: (n: number) => `Disable ${runnersOf(n)}`,

  removeTitle: (subject: string) => `Remove ${subject}?`,
  removeText:
    'It disappears from every workspace, and its credentials stop working at once. The machine will say that it was removed, and can be registered again there with one click; its name and history come back with it.',
  removeEnds: (n: number) =>
    `${count(n, 'job', 'jobs')} under way will end there, and wait for another runner:`,
  removeEndsElsewhere: 'It runs a job of another workspace, which will end there.',
  typeName: (name: string) => `Type ${name} to confirm`,
  removeDo: 'Remove and revoke key',
  removeDoMany: (n: number) => `Remove ${runnersOf(n)}`,
} as const;
