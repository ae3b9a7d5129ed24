import type { Priority, TeamRole } from '$/protocol';

export const teamRoleWord: Record<TeamRole, string> = {
  lead: 'Lead',
  editor: 'Editor',
  viewer: 'Viewer',
};

export const priorityWord: Record<Priority, string> = {
  low: 'Low',
  normal: 'Normal',
  high: 'High',
  urgent: 'Urgent',
};

/** Words about who works on a job. */
export const jobTeam = {
  team: 'Team',
  roleHelp: {
    lead: 'Edits it, its team and its target, cancels it, and does all that editors do',
    editor: 'Answers questions and approvals, adds files, starts it',
    viewer: 'Reads',
  } satisfies Record<TeamRole, string>,
  help: 'You lead. Team Runners are the shared runners of these people.',
  add: 'Add a member',
  choose: 'Choose a member',
  roleOf: (name: string) => `Part of ${name}`,
  remove: (name: string) => `Take ${name} out of the team`,
  submitter: 'submitted it',
  nobodyLeft: 'Every member of the workspace is in the team.',
  alone: 'Nobody else is in this workspace.',
  added: (name: string) => `${name} is in the team`,
  removed: (name: string) => `${name} is out of the team`,
} as const;
