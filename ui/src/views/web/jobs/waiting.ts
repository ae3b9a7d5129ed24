import type { Action, PendingList } from '$/protocol';
import { inOneLine } from '$/shared/visible';

/** One thing that waits for a person. */
export interface WaitingRow {
  id: string;
  kind: 'approval' | 'question';
  job: { number: number; title: string };
  /** What is asked, in one line. */
  text: string;
  at: number;
}

function summary(action: Action): string {
  switch (action.kind) {
    case 'run':
      return action.command;
    case 'edit':
      return action.path;
    case 'other':
      return action.title;
  }
}

/** What still waits, the longest wait first. */
export function waitingRows(pending: PendingList | undefined): WaitingRow[] {
  const approvals = (pending?.approvals ?? [])
    .filter(({ status }) => status === 'waiting')
    .map(({ approval, job_number, job_title }) => ({
      id: approval.id,
      kind: 'approval' as const,
      job: { number: job_number, title: job_title },
      text: inOneLine(summary(approval.subject.action)),
      at: approval.asked_at,
    }));
  const questions = (pending?.questions ?? [])
    .filter(({ status }) => status === 'waiting')
    .map(({ question, job_number, job_title }) => ({
      id: question.id,
      kind: 'question' as const,
      job: { number: job_number, title: job_title },
      text: inOneLine(question.items[0]?.text ?? ''),
      at: question.asked_at,
    }));
  return [...approvals, ...questions].sort((one, other) => one.at - other.at);
}
