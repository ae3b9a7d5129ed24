import type { AuditSurface } from '$/protocol';

/** Words of the audit log. */
export const audit = {
  title: 'Audit log',
  text: 'Who did what, and from where. Lines are added and never changed.',
  table: 'Audit log, newest first',
  columns: { at: 'When', who: 'Who', what: 'What', subject: 'To what', where: 'From' },
  system: 'Coord',
  filterWho: 'Who',
  everybody: 'Everybody',
  filterWhat: 'What',
  everything: 'Everything',
  former: 'Somebody who is no longer a member',
  clear: 'Clear filter',
  export: 'Export',
  exportCsv: 'CSV (spreadsheet)',
  exportNdjson: 'NDJSON (one line each)',
  exportNote: 'Everything that matches the filter.',
  details: 'Details',
  id: 'id',
  emptyTitle: 'Nothing was recorded yet',
  emptyText: 'Changes of members, roles, runners, jobs and settings appear here.',
  noneTitle: 'Nothing matches',
  noneText: 'Change the filter to see more.',
  forbiddenTitle: 'Only the owner and admins read the audit log',
  forbiddenText: 'Ask one of them when you want to know what happened.',
  loaded: (n: number) => `${String(n)} lines shown`,
} as const;

/** Where somebody acted. */
export const surfaceWord: Record<AuditSurface, string> = {
  web: 'web',
  command_line: 'command line',
  api_token: 'API token',
  runner: 'runner',
  system: 'by itself',
};

/** Groups of actions that a filter can name; an action begins with its group. */
export const actionGroups = {
  member: 'Members',
  invitation: 'Invitations',
  workspace: 'Workspace',
  runner: 'Runners',
  job: 'Jobs',
  account: 'Accounts',
} as const;

/** An action's code as words: `member.role_changed` is "Member: role changed". */
export function actionWord(action: string): string {
  const [kind = '', ...rest] = action.split('.');
  const said = rest.join(' ').replaceAll('_', ' ');
  const name = kind.replaceAll('_', ' ');
  const subject = name.charAt(0).toUpperCase() + name.slice(1);
  return said === '' ? subject : `${subject}: ${said}`;
}
