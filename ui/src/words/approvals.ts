import type { AnswerStatus, Decision, Risk, Surface } from '$/protocol';

import { count } from './plural';

const surfaces: Record<Surface, string> = {
  web: 'in the web app',
  window: 'in the runner’s window',
  command_line: 'on the command line',
  policy: 'by policy',
};

const decided: Record<Decision, string> = {
  allow_once: 'Allowed once',
  allow_for_job: 'Allowed for this job',
  allow_always: 'Allowed always',
  deny: 'Denied',
};

/** Words around approvals. */
export const approvals = {
  asksTo: {
    run: 'wants to run a command',
    edit: 'wants to change a file',
    other: 'asks for permission',
  },
  someAgent: 'The agent',
  ofJob: (number: number, title: string) => `#${String(number)} ${title}`,
  what: {
    run: 'Command',
    edit: 'Change',
    other: 'Input',
  },
  file: 'File',
  where: 'Where',
  inside: 'inside of the job’s folder',
  outside: 'outside of the job’s folder',
  why: 'The agent’s reason',
  whyNote: 'what the agent claims, not a fact',
  risks: {
    network: 'Network',
    delete: 'Deletes',
    outside_folder: 'Outside of the folder',
    secrets: 'Secrets',
    elevated: 'Administrator rights',
  } satisfies Record<Risk, string>,
  risksLabel: 'Risks',
  left: (time: string) => `Denied without an answer in ${time}`,
  expired: 'The time for an answer is over',
  waits: 'Waits for your answer',
  answers: 'Your answer',
  deny: 'Deny',
  denyWithNote: 'Deny with a note…',
  allowOnce: 'Allow once',
  allowForJob: 'Allow for this job',
  note: 'What should the agent do instead?',
  noteHelp: 'The agent reads this and goes on without the action.',
  sendDenial: 'Deny and send',
  cannotAnswer: 'Your role in this workspace can read, but not answer.',
  sent: 'Sent to the runner, waiting until it is applied',
  withdrawn: 'No answer is needed any more',
  answered: (decision: Decision | undefined, name: string, surface: Surface) =>
    surface === 'policy'
      ? `${decision === undefined ? 'Answered' : decided[decision]} by policy (${name})`
      : `${decision === undefined ? 'Answered' : decided[decision]} by ${name} ${surfaces[surface]}`,
  decided,
  statusWord: {
    waiting: 'Waiting',
    sent: 'Sent',
    settled: 'Settled',
    withdrawn: 'Withdrawn',
  } satisfies Record<AnswerStatus, string>,
  hiddenCharacter: 'This character is invisible or changes the direction of the text',
  hiddenWarning:
    'Contains characters that are invisible or change the direction of the text; they are shown by name.',
  showAll: (lines: number, characters: number) =>
    `Show all: ${count(lines, 'line', 'lines')}, ${count(characters, 'character', 'characters')}`,
  showLess: 'Show less',
} as const;

/** Words around questions. */
export const questions = {
  asks: 'asks a question',
  own: 'Another answer',
  ownOnly: 'Your answer',
  several: 'Choose any that apply.',
  send: 'Send answer',
  left: (time: string) => `Goes on without an answer in ${time}`,
  needed: 'Choose or write an answer first.',
  decline: 'Let the agent decide',
  answered: (answers: number, name: string, surface: Surface) =>
    `${answers === 0 ? 'Left to the agent' : 'Answered'} by ${name} ${surfaces[surface]}`,
} as const;
