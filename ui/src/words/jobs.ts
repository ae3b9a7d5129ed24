import type { Hold, JobState, OutcomeKind, Phase, Refusal, SharedUseLimit, Target } from '$/protocol';

import { agentWord } from './agents';
import { count } from './plural';

export const stateWord: Record<JobState, string> = {
  backlog: 'Backlog',
  ready: 'Ready',
  in_progress: 'In Progress',
  awaiting_review: 'Awaiting Review',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export const phaseWord: Record<Phase, string> = {
  assigned: 'Assigned, waiting for the runner',
  preparing: 'Preparing the folder',
  running: 'The agent works',
  retrying: 'Waiting to try again',
  parked: 'Waiting for the agent’s quota',
  packaging: 'Collecting the result',
  publishing: 'Handing the result over',
  ended: 'Ended',
};

export const outcomeWord: Record<OutcomeKind, string> = {
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  runner_removed: 'Runner removed',
  lost: 'Lost',
};

const consentWord: Record<SharedUseLimit, string> = {
  off: 'its owner lets nobody else use it',
  person: 'its owner does not let the submitter use it',
  agent: 'its owner does not let others use that agent',
  hours: 'its owner does not let others use it at this time',
  at_once: 'others use as much of it as its owner allows',
};

/** Why a runner cannot take a job. */
export function refusalWord(refusal: Refusal): string {
  switch (refusal.because) {
    case 'not_the_target':
      return 'not among those that the job is for';
    case 'not_shared':
      return 'belongs to somebody else and is not shared';
    case 'disabled':
      return 'disabled in this workspace';
    case 'offline':
      return 'offline';
    case 'paused':
      return 'paused by its owner';
    case 'draining':
      return 'stopping after its current jobs';
    case 'agent_unavailable':
      return refusal.agent ? `${agentWord(refusal.agent)} is not available` : 'no agent is available';
    case 'context_unsupported':
      return 'does not support this kind of job';
    case 'no_free_slot':
      return 'all slots are in use';
    case 'not_consented':
      return consentWord[refusal.to];
    case 'unhealthy':
      return refusal.message;
  }
}

/** How many runners there are that a job is not for. */
export function refusalsOfOthers(n: number): string {
  return n === 1 ? '1 runner is not for this job.' : `${String(n)} runners are not for this job.`;
}

/** Why a Ready job waits. */
export function holdWord(hold: Hold): string {
  switch (hold.reason) {
    case 'uploads_pending':
      return 'Waits until its attachments are uploaded.';
    case 'runner_gone':
      return 'The runner that was chosen has been removed.';
    case 'no_runner':
      return hold.runners.length === 0
        ? 'Waits for a runner: there is none in this workspace yet.'
        : 'Waits for a runner: none can take it now.';
    case 'concurrent_jobs':
      return `Waits until one of the submitter’s ${String(hold.limit)} jobs under way has ended: their plan allows no more at once.`;
    case 'monthly_quota':
      return `Waits for the next month: the submitter’s plan allows ${String(hold.limit)} jobs a month.`;
    case 'storage_quota':
      return 'Waits for storage: the plan of the workspace’s owner is used up.';
    case 'submitter_gone':
      return 'Its submitter is no longer a member of the workspace.';
  }
}

export const targetWord: Record<Target['kind'], string> = {
  my: 'My Runners',
  team: 'Team Runners',
  any: 'Any Runner',
  runner: 'Specific runner',
};

/** Words of the jobs list. */
export const jobs = {
  title: 'Jobs',
  newJob: 'New job',
  filter: 'State',
  filters: { all: 'All', open: 'Open', done: 'Done', failed: 'Failed', cancelled: 'Cancelled' },
  search: 'Search jobs',
  columns: { state: 'State', job: 'Job', agent: 'Agent', runner: 'Runner', by: 'By', updated: 'Changed' },
  needsYou: 'Needs you',
  waits: (n: number) => (n === 1 ? 'waits for your answer' : `${String(n)} wait for your answer`),
  approval: 'Approval',
  question: 'Question',
  onItsWay: 'Loading…',
  emptyTitle: 'No jobs yet',
  emptyText: 'A job is a piece of work for a coding agent on one of your machines.',
  noneTitle: 'No job matches',
  noneText: 'Change the state or the search to see more.',
  clear: 'Clear filters',
  table: 'Jobs, newest first',
} as const;

/** What was used, as far as it is known. */
interface UsedTokens {
  input_tokens?: number;
  output_tokens?: number;
  cached_tokens?: number;
  cache_write_tokens?: number;
  reasoning_tokens?: number;
  cost_usd?: number | null;
}

/** Words of the form for a new job. */
export const newJob = {
  title: 'New job',
  jobTitle: 'Title',
  instructions: 'Instructions',
  instructionsHelp:
    'What should be done, and how you will know that it is done. The agent reads this as it stands.',
  context: 'Works on',
  contextLocal: 'A fresh folder on the runner’s machine',
  agent: 'Agent',
  anyAgent: 'Any agent',
  model: 'Model',
  modelHelp: 'As the agent names it. Left empty, the agent or its runner’s owner chooses.',
  extra: 'Arguments for the agent',
  extraLabel: 'Arguments, one a line',
  extraHelp:
    'Added to the agent’s command. The runner’s owner has to allow it on the machine, else the job fails and says so.',
  agentNowhere: (name: string) => `${name} – on no runner now`,
  target: 'Who may take it',
  targetHelp: {
    my: 'Runners of your own account',
    any: 'The first that is free: yours, or shared',
    team: 'Shared runners of members of the job’s team',
    runner: 'Only the one that you choose; the job waits for it',
  } satisfies Record<Target['kind'], string>,
  runner: 'Runner',
  attachments: 'Attachments',
  attachmentsHelp: 'The agent gets copies in its inputs folder. Up to 100 MB each.',
  addFiles: 'Add files…',
  removeFile: (name: string) => `Remove ${name}`,
  tooLarge: (name: string) => `${name} is larger than 100 MB.`,
  sameName: (name: string) => `${name} is there already; file names must differ.`,
  canTake: (n: number) =>
    n === 0 ? 'No runner can take this now' : `${count(n, 'runner', 'runners')} can take this now`,
  willWait: 'The job will wait until one can.',
  cannot: (n: number) => `${count(n, 'runner', 'runners')} cannot`,
  noRunners: 'No runner is signed in to this workspace yet.',
  submit: 'Start job',
  backlog: 'Save to Backlog',
  uploading: (name: string) => `Uploading ${name}…`,
  draft: 'Draft kept in this browser',
  discard: 'Discard draft',
  titleNeeded: 'Give the job a title.',
  titleLong: (max: number) => `At most ${String(max)} characters.`,
  instructionsNeeded: 'Say what should be done.',
  instructionsLong: 'Longer than 1 MiB. Attach the text as a file instead.',
  runnerNeeded: 'Choose a runner.',
  findRunner: 'Find a runner by name, owner or system',
  noneFound: 'No runner matches.',
  moreFound: (n: number) => `${count(n, 'more', 'more')}: type to find them.`,
  private: (owner: string) => `private: only ${owner}’s jobs`,
  priority: 'Priority',
  createdPartly: (number: number) => `Job #${String(number)} was saved to Backlog, but not started`,
  openIt: 'Open the job',
} as const;

/** Words of the page of one job. */
export const job = {
  number: (n: number) => `#${String(n)}`,
  backlogSentence: 'Nobody works on it until it is made Ready.',
  readySentence: 'Waits for a runner to take it.',
  runningSentence: (agent: string | undefined, runner: string) => `${agent ?? 'An agent'} works on ${runner}`,
  unreachable: (runner: string) =>
    `${runner} has not been heard of lately. The job goes on there if the machine does.`,
  cancelling: 'Cancelling: the agent is being ended.',
  waitsSentence: (agent: string | undefined, runner: string) =>
    `${agent ?? 'An agent'} waits for an answer on ${runner}`,
  reviewSentence: 'The result waits for a person.',
  doneSentence: (agent: string | undefined) => `Finished by ${agent ?? 'an agent'}`,
  failedSentence: 'Given up',
  cancelledSentence: 'Called off',
  took: 'took',
  makeReady: 'Start job',
  cancel: 'Cancel job…',
  cancelTitle: (n: number) => `Cancel job #${String(n)}?`,
  cancelText: 'The agent and everything that it started are ended. What it has written so far is kept.',
  cancelWaitingText: 'No runner will take it any more.',
  cancelDo: 'Cancel job',
  cancelKeep: 'Keep it',
  retry: 'Try again…',
  retryTitle: (n: number) => `Try job #${String(n)} again?`,
  retryText: 'A runner takes it once more, in a fresh folder. Its agent hears how the attempts before ended.',
  retryDo: 'Try again',
  feedback: 'Feedback',
  feedbackHint: 'What the agent should do differently. It may stay empty.',
  feedbackTo: (n: number) => `Feedback to attempt ${String(n)}`,
  eligible: 'Runners for this job',
  chooseRunners: 'Choose others…',
  chooseTitle: (n: number) => `Who may take job #${String(n)}`,
  chooseDo: 'Use this choice',
  edit: 'Edit…',
  editTitle: (n: number) => `Edit job #${String(n)}`,
  save: 'Save',
  setAside: 'Back to Backlog',
  priority: 'Priority',
  view: 'View',
  log: 'Log',
  timeline: 'Timeline',
  instructions: 'Instructions',
  facts: 'Facts',
  attempts: 'Attempts',
  attempt: (n: number) => `Attempt ${String(n)}`,
  result: 'Result',
  artifacts: 'Artifacts',
  noArtifacts: 'Files that the agent leaves in its output folder appear here.',
  download: (path: string) => `Download ${path}`,
  attachments: 'Attachments',
  target: 'For',
  agent: 'Agent',
  anyAgent: 'Any',
  runner: 'Runner',
  createdBy: 'Created by',
  created: 'Created',
  sha256: 'SHA-256',
  usage: 'Usage',
  model: 'Model',
  extra: 'Arguments',
  turn: (turn: number) => `Turn ${String(turn)}`,
  goesOn: (when: string) => `Goes on by itself: ${when}`,
  tokens: (used: UsedTokens) => {
    const number = (count: number) => count.toLocaleString('en');
    const parts = [`${number(used.input_tokens ?? 0)} in`, `${number(used.output_tokens ?? 0)} out`];
    if (used.cached_tokens) parts.push(`${number(used.cached_tokens)} from the cache`);
    if (used.cache_write_tokens) parts.push(`${number(used.cache_write_tokens)} into the cache`);
    if (used.reasoning_tokens) parts.push(`${number(used.reasoning_tokens)} for thinking`);
    if (used.cost_usd != null) parts.push(`about $${used.cost_usd.toFixed(2)}`);
    return parts.join(', ');
  },
  needsYou: 'Needs you',
} as const;
