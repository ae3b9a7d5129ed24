import type { AttemptView, JobView } from '$/protocol';
import { agentWord } from '$/words/agents';
import { holdWord, job as words, outcomeWord, phaseWord } from '$/words/jobs';

/** Where a job stands, in one sentence; without the times, which move. */
export function sentence(job: JobView): string {
  const attempt = job.attempts.at(-1);
  switch (job.state) {
    case 'backlog':
      return words.backlogSentence;
    case 'ready':
      return job.hold ? holdWord(job.hold) : words.readySentence;
    case 'in_progress':
      return running(job, attempt);
    case 'awaiting_review':
      return words.reviewSentence;
    case 'done':
      return words.doneSentence(agentOf(attempt));
    case 'failed':
      return attempt?.outcome_detail?.failure?.message ?? words.failedSentence;
    case 'cancelled':
      return words.cancelledSentence;
  }
}

function running(job: JobView, attempt: AttemptView | undefined): string {
  if (job.cancel_requested_at != null) return words.cancelling;
  if (attempt === undefined) return words.readySentence;
  if (attempt.unreachable) return words.unreachable(attempt.runner);
  if (attempt.outcome != null) return outcomeWord[attempt.outcome];
  const agent = agentOf(attempt);
  if (attempt.state === 'running' && needsAnswer(job)) return words.waitsSentence(agent, attempt.runner);
  if (attempt.state === 'running') return words.runningSentence(agent, attempt.runner);
  return `${phaseWord[attempt.state]} – ${attempt.runner}`;
}

function agentOf(attempt: AttemptView | undefined): string | undefined {
  return attempt?.agent == null ? undefined : agentWord(attempt.agent);
}

/** Whether an agent stands still until somebody answers. */
export function needsAnswer({ approvals, questions }: JobView): boolean {
  return [...approvals, ...questions].some(({ status }) => status === 'waiting');
}

/** Whether nobody works on a job yet, so that who may take it can still be changed by this reader. */
export function mayRetarget(job: JobView): boolean {
  return job.rights.edit && (job.state === 'backlog' || job.state === 'ready');
}

/** Whether a job is over, so that one more attempt may be wanted. */
export function mayRetry(job: JobView): boolean {
  return ['awaiting_review', 'done', 'failed', 'cancelled'].includes(job.state);
}

/** Whether a job can still be called off. */
export function mayCancel(job: JobView): boolean {
  return job.cancel_requested_at == null && !['done', 'failed', 'cancelled'].includes(job.state);
}
