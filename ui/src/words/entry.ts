import type { Role } from '$/protocol';

import { roleWord } from './roles';

/** Words of making an account. */
export const signUp = {
  title: 'Create an account',
  submit: 'Create account',
  name: 'Your name',
  nameHelp: 'As others see it.',
  nameNeeded: 'Enter your name.',
  emailInvited: 'The invitation is for this address.',
  emailShape: 'An e-mail address has a name, an @ and a domain.',
  closed: 'Accounts are made by invitation here.',
  closedTodo: 'Ask an owner or admin of your team’s workspace to invite you, then open the link they send.',
  taken: 'An account with this e-mail address exists.',
  takenTodo: 'Sign in with it instead.',
  invited: (by: string, workspace: string) =>
    `${by} invited you to ${workspace}. You join it with this account.`,
  haveOne: 'I have an account',
  none: 'Create an account',
} as const;

/** Words of choosing a password. */
export const newPassword = {
  label: 'New password',
  rule: (least: number) => `At least ${String(least)} characters; several words are good.`,
  short: (least: number) => `Use at least ${String(least)} characters.`,
  long: (most: number) => `Use at most ${String(most)} characters.`,
} as const;

/** Words of signing in with an identity provider. */
export const provider = {
  button: (name: string) => `Continue with ${name}`,
  or: 'or',
  failed: 'Signing in with the identity provider did not work.',
  failedTodo: 'Try again. When it keeps failing, whoever runs this server finds the reason in its log.',
  taken: 'An account with this e-mail address exists, and is not linked with the identity provider.',
  takenTodo: 'Sign in with your password.',
} as const;

/** Words of an invitation, as the invited person sees it. */
export const invite = {
  title: 'Invitation',
  to: (workspace: string) => `Join ${workspace}`,
  by: (who: string, role: Role) => `${who} invited you as ${roleWord(role).toLowerCase()}.`,
  for: 'For',
  role: 'Role',
  ends: 'Ends',
  accept: 'Accept invitation',
  accepted: (workspace: string) => `You are now a member of ${workspace}.`,
  signIn: 'Sign in to accept',
  signInText: (email: string) => `An account for ${email} exists. Sign in with it to accept.`,
  signUp: 'Create an account to accept',
  signUpText: (email: string) => `You need an account for ${email}.`,
  wrong: (mine: string) => `You are signed in as ${mine}`,
  wrongWhy: (email: string) => `This invitation is for ${email}, and only that account can accept it.`,
  wrongTodo: 'Sign out and go on with the other account, or ask for an invitation to this one.',
  switch: 'Sign out and go on',
  stay: 'Go to my workspaces',
  states: {
    expired: 'This invitation has ended',
    revoked: 'This invitation was taken back',
    accepted: 'This invitation was accepted already',
  },
  statesTodo: {
    expired: 'Invitations are good for seven days. Ask for a new one.',
    revoked: 'Ask whoever invited you whether you should still join.',
    accepted: 'If that was you, sign in and choose the workspace.',
  },
  unknown: 'This link does not work',
  unknownWhy: 'It is incomplete, was replaced by a newer one, or was taken back.',
  unknownTodo: 'Open the link in the newest mail, or ask for a new invitation.',
} as const;

/** Words of a forgotten password. */
export const reset = {
  forgot: 'Forgot your password?',
  askTitle: 'Set a new password',
  askText: 'We send a link to your e-mail address. It is good for one hour.',
  ask: 'Send link',
  noMail: 'This server sends no mail.',
  noMailTodo:
    'Ask an owner or admin of your workspace: on the People page they can make a link for a new password.',
  sentTitle: 'Look into your mail',
  sentText: (email: string) =>
    `If ${email} has an account, a link is on its way. Nothing came? Look into the spam folder, or try again in a few minutes.`,
  title: 'Choose a new password',
  submit: 'Set password',
  doneTitle: 'Your password is set',
  doneText: 'All browsers were signed out. Sign in with the new password.',
  invalid: 'This link does not work any more',
  invalidWhy: 'It was used, is older than an hour, was replaced by a newer one, or is incomplete.',
  invalidTodo: 'Ask for a new link.',
  another: 'Ask for a new link',
  toSignIn: 'Go to sign-in',
} as const;
