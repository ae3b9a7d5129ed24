import type { InvitationState, Role } from '$/protocol';

import { count } from './plural';
import { roleWord } from './roles';

/** Words of the People page. */
export const people = {
  title: 'People',
  search: 'Filter people',
  members: 'Members',
  membersOf: (workspace: string) => `Members of ${workspace}`,
  columns: {
    person: 'Person',
    role: 'Role',
    runners: 'Runners',
    joined: 'Joined',
    actions: 'Actions',
  },
  you: 'you',
  runners: (n: number) => (n === 0 ? 'no runners' : count(n, 'runner', 'runners')),
  roleOf: (name: string, role: Role) => `Role of ${name}: ${roleWord(role)}`,
  changed: (name: string, role: Role) => `${name} is ${roleWord(role).toLowerCase()} now.`,
  changeRefused: (name: string) => `The role of ${name} was not changed.`,
  actionsFor: (name: string) => `Actions for ${name}`,
  audit: 'What they did (audit log)',
  remove: 'Remove from workspace…',
  removeDo: 'Remove member',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeText: (name: string, runners: number) =>
    `${name} sees nothing of this workspace any more.${
      runners === 0
        ? ''
        : ` ${count(runners, 'runner leaves', 'runners leave')} with them: what they run here is cancelled and goes back to Ready.`
    } Jobs that they submitted stay.`,
  removed: (name: string) => `${name} was removed.`,
  transfer: 'Make owner…',
  reset: 'Link for a new password…',
  resetTitle: (name: string) => `A new password for ${name}`,
  resetText:
    'Makes a link that you hand over, for somebody who cannot get mail. Whoever has it can set the password, so give it to nobody else.',
  resetDo: 'Make link',
  resetLink: 'Link for a new password',
  resetHelp: 'Good for one hour and one use; links made before do not work any more. Shown only now.',
  done: 'Done',
  emptyTitle: 'Nobody matches',
  emptyText: 'Change the filter to see more.',
  clear: 'Clear filter',
  aloneTitle: 'You are alone here',
  aloneText: 'Invite the people whose jobs your runners should take, or whose runners should take yours.',
} as const;

/** Why somebody cannot do something with a member. */
export const peopleRefused = {
  needsAdmin: 'Only the owner and admins can do this.',
  needsOwner: 'Only the owner can do this.',
  owner: 'The owner keeps their place until the workspace is transferred.',
  selfRole: 'Nobody changes their own role. Ask another admin.',
  selfRemove: 'To go yourself, leave the workspace in its settings.',
  mails: 'This server sends mail: they get a link by “Forgot your password?” at sign-in.',
  selfReset: 'Change your own password in your account settings.',
  admin: 'Only the owner can do this with an admin.',
  already: 'They are the owner already.',
} as const;

/** Words of invitations, as admins see them. */
export const invitations = {
  title: 'Invitations',
  text: 'Good for seven days.',
  table: 'Invitations to this workspace',
  invite: 'Invite people',
  inviteTitle: 'Invite somebody',
  inviteText: 'They join this workspace once they accept. An account can be made on the way.',
  inviteDo: 'Invite',
  email: 'E-mail address',
  role: 'Role',
  another: 'Invite another',
  done: 'Done',
  madeTitle: (email: string) => `Invited ${email}`,
  mailed: 'A mail with the link is on its way. You can also hand it over yourself.',
  notMailed: 'This server sends no mail: hand the link over yourself.',
  link: 'Invitation link',
  linkHelp: 'Works only for this address, and is shown only now. A new one can be made at any time.',
  columns: { email: 'E-mail', role: 'Role', state: 'State', by: 'Invited by', actions: 'Actions' },
  ends: 'ends',
  ended: 'ended',
  actionsFor: (email: string) => `Actions for the invitation of ${email}`,
  resend: 'Send again with a new link',
  resendPlain: 'Make a new link',
  resent: (email: string) => `New link for ${email}`,
  revoke: 'Revoke…',
  revokeDo: 'Revoke invitation',
  revokeTitle: (email: string) => `Revoke the invitation of ${email}?`,
  revokeText: 'Its link stops working at once.',
  revoked: (email: string) => `The invitation of ${email} was revoked.`,
  notPending: 'It cannot be accepted any more.',
  isAccepted: 'It was accepted.',
  emptyTitle: 'No invitation waits',
  emptyText: 'Invitations that you send appear here until they are accepted.',
} as const;

/** An invitation's state. */
export const invitationState: Record<InvitationState, string> = {
  pending: 'Pending',
  accepted: 'Accepted',
  revoked: 'Revoked',
  expired: 'Expired',
};
