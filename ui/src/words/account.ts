import type { TokenScope } from '$/protocol';

/** Words of the account's settings. */
export const account = {
  title: 'Account settings',
  sections: 'Parts of the account settings',
  section: {
    profile: 'Profile',
    security: 'Password and devices',
    tokens: 'API tokens',
    plan: 'Plan and use',
    notifications: 'Notifications',
    runners: 'Your runners',
    activity: 'Activity',
  },
  name: 'Name',
  nameHelp: 'As others see it, in every workspace.',
  nameNeeded: 'Enter your name.',
  email: 'E-mail address',
  emailHelp: 'You sign in with it. It cannot be changed.',
  since: 'Account since',
  signsIn: 'Signs in with',
  provider: 'the identity provider',
  signInKinds: (password: boolean, provider: string | undefined) =>
    [password ? 'password' : undefined, provider].filter((kind) => kind !== undefined).join(' and ') ||
    'nothing yet: set a password',
  save: 'Save',
  saved: 'Saved.',
  activityText: 'Sign-ins and changes of this account.',
  activityEmpty: 'Nothing was recorded yet',
  activityEmptyText: 'Sign-ins, new passwords, tokens and devices appear here.',
} as const;

/** Words of changing the password. */
export const password = {
  title: 'Password',
  text: 'Changing it signs out all other browsers.',
  current: 'Current password',
  none: 'This account has no password yet. Setting one asks for a sign-in of the last ten minutes.',
  wrong: 'The current password is not right.',
  recent: 'Your last sign-in is too long ago.',
  recentTodo: 'Sign out, sign in, and come back here within ten minutes.',
  currentNeeded: 'Enter your current password.',
  change: 'Change password',
  set: 'Set password',
  changed: 'Changed. All other browsers were signed out.',
} as const;

/** Words of browsers and devices. */
export const devices = {
  sessionsTitle: 'Browsers',
  sessionsText: 'Where you are signed in to this web app.',
  sessionsTable: 'Browsers in which you are signed in',
  browser: 'Browser',
  address: 'Network address',
  signedIn: 'Signed in',
  lastSeen: 'Last seen',
  current: 'this one',
  end: 'Sign out',
  endOf: (browser: string) => `Sign out ${browser}`,
  ended: (browser: string) => `${browser} was signed out.`,
  endCurrent: 'This is the browser you use now. Sign out from the menu at the top right.',
  endOthers: 'Sign out all others',
  endOthersTitle: 'Sign out all other browsers?',
  endOthersText: 'They have to sign in again. Devices stay signed in.',
  othersEnded: 'All other browsers were signed out.',
  noOthers: 'There is no other browser.',
  title: 'Devices',
  text: 'Command lines and runners that are signed in as you.',
  table: 'Devices that are signed in as you',
  device: 'Device',
  kind: 'What it is',
  kinds: { command_line: 'Command line', runner: 'Runner' },
  lastUsed: 'Last used',
  never: 'not yet',
  emptyTitle: 'No device is signed in',
  emptyText: 'Sign in on a machine with “coord login”, or with the runner there.',
  revoke: 'Revoke…',
  revokeOf: (machine: string) => `Revoke ${machine}`,
  revokeTitle: (machine: string) => `Sign out ${machine}?`,
  revokeText: {
    command_line: 'Its commands stop working until it signs in again.',
    runner:
      'The runner stops taking jobs at once, and what it runs now ends there. It comes back when it signs in again.',
  },
  revokeDo: 'Sign out device',
  revoked: (machine: string) => `${machine} was signed out.`,
} as const;

/** Words of tokens for scripts. */
export const tokens = {
  text: 'For scripts that use the API. A token does at most what you may do, and what its scopes say.',
  table: 'Your API tokens',
  make: 'New token',
  makeTitle: 'New API token',
  makeDo: 'Make token',
  name: 'Name',
  nameHelp: 'What it is for, such as “nightly build”.',
  nameNeeded: 'Enter a name.',
  scopes: 'Scopes',
  scopesNeeded: 'Choose at least one.',
  workspace: 'Workspace',
  anyWorkspace: 'Every workspace of yours',
  life: 'Ends after',
  days: (n: number) => (n === 366 ? '1 year' : `${String(n)} days`),
  madeTitle: 'Your new token',
  secret: 'Token',
  secretHelp: 'Copy it now: it is shown this once. It goes into the Authorization header as “Bearer …”.',
  done: 'I have copied it',
  columns: {
    name: 'Name',
    scopes: 'Scopes',
    reaches: 'Reaches',
    used: 'Last used',
    ends: 'Ends',
    actions: 'Actions',
  },
  never: 'never',
  over: 'Ended',
  revoke: 'Revoke…',
  revokeOf: (name: string) => `Revoke ${name}`,
  revokeTitle: (name: string) => `Revoke ${name}?`,
  revokeText: 'Scripts that use it are refused at once.',
  revokeDo: 'Revoke token',
  revoked: (name: string) => `The token ${name} was revoked.`,
  emptyTitle: 'No tokens yet',
  emptyText: 'A token lets a script submit jobs or read what you see, without your password.',
} as const;

/** A scope's name and meaning. */
export const scopeWord: Record<TokenScope, { word: string; note: string }> = {
  read: { word: 'Read', note: 'See everything that you see.' },
  jobs: { word: 'Jobs', note: 'Submit, change and cancel jobs, and answer for them.' },
  runners: { word: 'Runners', note: 'Manage runners.' },
  members: { word: 'Members', note: 'Manage members, invitations and workspaces.' },
};

/** Words of the plan and its use. */
export const plan = {
  title: (name: string) => `Plan: ${name}`,
  text: 'What this server allows your account. At a limit nothing is lost: jobs wait, and say so.',
  runners: 'Runners',
  runnersNote: 'All runners of your account, in every workspace.',
  concurrent: 'Jobs at once',
  concurrentNote: 'Jobs that you submitted and that are under way.',
  monthly: 'Jobs this month',
  monthlyNote: (date: string) => `Jobs that you submitted. Begins anew on ${date}.`,
  storage: 'Storage',
  storageNote: 'Files of jobs in the workspaces that you own.',
  of: (used: string, limit: string) => `${used} of ${limit}`,
  unlimited: (used: string) => `${used}, no limit`,
} as const;

/** Words of the runners of an account. */
export const ownRunners = {
  text: 'Every runner that signed in with your account. They are in view in all your workspaces.',
  table: 'Your runners',
  columns: { runner: 'Runner', state: 'Status', shared: 'Shared in', heartbeat: 'Last heartbeat' },
  private: 'nowhere: only your own jobs',
  removed: 'Removed',
  removedNote: 'It takes no job. Sign in on that machine again to register it anew, under the same name.',
  emptyTitle: 'You have no runners yet',
  emptyText: 'A runner is a machine of yours that takes jobs. Install it there and sign in.',
  never: 'never',
  shortId: 'short id',
} as const;

/** Words of deleting the account. */
export const deleteAccount = {
  title: 'Delete account',
  text: 'You leave every workspace, your runners are removed, and nobody can sign in with it any more. Jobs that you submitted stay with their workspaces, without your name. Workspaces in which you are alone are deleted.',
  open: 'Delete account…',
  ask: 'Delete your account?',
  warning: 'This cannot be taken back.',
  typed: 'Type your e-mail address to confirm',
  password: 'Your password',
  noPassword: 'This account has no password, so it needs a sign-in of the last ten minutes.',
  wrong: 'The password is not right.',
  do: 'Delete account',
  done: 'Your account was deleted.',
} as const;

/** Words of choosing what to be told. */
export const notificationSettings = {
  text: 'What appears under the bell. What waits for you is on the Jobs page in any case.',
  group: 'Tell me when',
  refused: 'The change was not saved, and is shown as it was.',
} as const;
