import type { PermissionLevel, RuleMatch } from '$/protocol';

import { count } from './plural';

/** Words around rules, and how much is allowed without asking. */
export const rules = {
  title: 'Rules',
  always: 'Always allow…',
  noRule: 'No rule fits this, so it cannot be allowed always: it is asked about each time.',
  notOwner: 'Only the owner of the machine can allow something always.',
  allows: {
    command: 'Always allow commands that begin with',
    path: 'Always allow changes of files like',
    tool: 'Always allow the tool',
  } satisfies Record<RuleMatch['kind'], string>,
  help: {
    command: 'A single command with these first words; nothing before, behind or around it.',
    path: 'From the job’s folder on. * stands for part of a name, ** for any folders.',
    tool: 'Whatever its input is.',
  } satisfies Record<RuleMatch['kind'], string>,
  faults: {
    empty: 'Write what is to be allowed.',
    all: 'This would cover every file. To allow that, set what agents may do without asking.',
    other: 'This does not cover what is asked now. Go back to allow just this.',
  },
  wider: (proposed: string) =>
    `This allows more than ${proposed}, which is proposed: also what nobody has asked for yet.`,
  onlyAgent: (title: string) => `Only for ${title}`,
  onlyWorkspace: (workspace: string) => `Only in the workspace ${workspace}`,
  days: 'How long',
  forDays: (days: number) => `For ${count(days, 'day', 'days')}`,
  where:
    'The rule is kept on the runner’s machine, where it can be seen and revoked. What is forbidden altogether stays forbidden.',
  confirm: 'Allow always',
  none: 'Nothing is allowed always.',
  noneText: 'A rule is made with “Always allow…” where an agent asks for permission.',
  revoke: 'Revoke',
  revokeIt: (what: string) => `Revoke the rule ${what}`,
  everyAgent: 'every agent',
  everyWorkspace: 'every workspace',
  madeBy: (name: string) => `made by ${name}`,
  until: 'until',
  kinds: { command: 'Command', path: 'Files', tool: 'Tool' } satisfies Record<RuleMatch['kind'], string>,
  permission: 'Without asking, agents may',
  permissionHelp: 'For all jobs of yours. What is forbidden altogether stays forbidden at every level.',
  permissionOf: (agent: string) => `Without asking, ${agent} may`,
  permissionIn: (workspace: string) => `Without asking, agents in ${workspace} may`,
  otherLevel: 'Another level for one workspace',
  otherLevelHelp: 'Its short name, as in its addresses. It begins with the most careful level.',
  otherLevelAdd: 'Add',
  shortNameShape: 'A short name has lower-case letters, digits and single hyphens.',
  asForAll: 'As for all',
  levels: {
    read_only: 'Look at files, and nothing else',
    ask: 'Do nothing that it asks for',
    accept_edits: 'Change files in the job’s folder',
    trusted: 'Do everything that is not forbidden',
  } satisfies Record<PermissionLevel, string>,
  timeout: 'Time for an answer',
  timeoutHelp: 'After that a request is denied, and the agent goes on without it.',
  minutes: (minutes: number) =>
    minutes % 60 === 0 ? count(minutes / 60, 'hour', 'hours') : count(minutes, 'minute', 'minutes'),
} as const;
