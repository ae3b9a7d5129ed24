import { count } from './plural';

/** Words of making a workspace and of its settings. */
export const workspace = {
  create: 'Create workspace',
  createMenu: 'Create workspace…',
  createTitle: 'Create a workspace',
  createText: 'A team’s own place: jobs, runners in view and members. Nobody else sees anything of it.',
  created: (name: string) => `Created ${name}. You are its owner.`,
  name: 'Name',
  nameNeeded: 'Enter a name.',
  address: 'Name in addresses',
  addressHelp: (example: string) => `Its pages begin with ${example}`,
  addressShape: 'Use lower-case letters, digits and single hyphens, 40 characters at most.',
  addressChange: 'Old addresses of this workspace stop working, also in messages and bookmarks.',
  settings: 'Workspace settings',
  tabs: 'Parts of the settings',
  general: 'General',
  audit: 'Audit log',
  generalText: 'How the workspace is called, here and in addresses.',
  save: 'Save',
  saved: 'Saved.',
  onlyAdmins: 'Only the owner and admins can change this.',
  yours: 'Your place in it',
  role: (word: string) => `Your role is ${word}.`,
  leave: 'Leave workspace',
  leaveText:
    'Your runners leave with you: what they run here is cancelled and goes back to Ready. Jobs that you submitted stay.',
  leaveTitle: (name: string) => `Leave ${name}?`,
  ownerLeave: 'The owner cannot leave. Transfer the workspace or delete it.',
  left: (name: string) => `You left ${name}.`,
  ownership: 'Ownership',
  transfer: 'Transfer workspace',
  transferText: 'Make another member the owner. You stay as an admin.',
  transferTitle: 'Transfer this workspace?',
  transferTo: 'New owner',
  transferChoose: 'Choose a member.',
  transferWarning: (name: string) =>
    `${name} gets all rights, also to delete the workspace, and its files count for their plan. Only they can give it back.`,
  transferNobody: 'There is no other member to transfer it to. Invite somebody first.',
  transferred: (name: string) => `${name} is the owner now. You are an admin.`,
  ownerOnly: 'Only the owner can do this.',
  delete: 'Delete workspace',
  deleteText: 'With every job, log and file in it, for good. Runners stay with their owners.',
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteWarning: (members: number) =>
    `Everything in it is deleted for ${count(members, 'person', 'people')}, and cannot be brought back. Running jobs are cancelled.`,
  deleteType: 'Type the workspace’s name to confirm',
  deleted: (name: string) => `Deleted ${name}.`,
} as const;

/** Words of what agents are told with every job. */
export const houseRules = {
  title: 'House rules',
  text: 'Every agent is told these with every job of this workspace, on whichever runner it works, from the next attempt on.',
  label: 'Rules for agents',
  help: 'In plain words, for example how to write, what to leave alone, what to check before the end. They are advice to the agent: what it may do without asking is decided on the runner’s machine. No passwords or keys: every member can read this, and so can the model.',
  example:
    'Write British English.\nLeave generated files alone.\nRun the tests before you say that you are done.',
  none: 'This workspace has no rules.',
  save: 'Save rules',
  tooLong: (bytes: number) =>
    `Too long by ${count(bytes, 'byte', 'bytes')}; at most 16 KiB. Leave out what only some jobs need.`,
} as const;
