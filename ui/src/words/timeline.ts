import type { FailureClass, ToolStatus } from '$/protocol';

import { count } from './plural';

/** Words of an attempt's timeline. */
export const timeline = {
  label: 'Timeline',
  empty: 'Nothing has happened yet',
  emptyText: 'Steps, tool calls, approvals and questions appear here as they happen.',
  session: (agent: string, resumed: boolean) =>
    resumed ? `${agent} took its session up again` : `${agent} began`,
  model: (model: string) => `model ${model}`,
  tool: {
    completed: 'done',
    failed: 'failed',
    declined: 'not allowed',
    cancelled: 'broken off',
  } satisfies Record<ToolStatus, string>,
  toolRunning: 'running',
  detail: 'Detail',
  result: 'Result',
  approvalAsked: 'Asked for permission',
  questionAsked: 'Asked a question',
  withdrawn: (reason: string) => `No answer is needed any more: ${reason}`,
  plan: (done: number, total: number) => `Plan: ${String(done)} of ${count(total, 'step', 'steps')}`,
  retrying: (tries: number, delay: string) => `Try ${String(tries)} follows in ${delay}`,
  parked: (when: string) => `Waits for the agent’s quota until ${when}, without a slot`,
  unparked: 'Goes on',
  failure: {
    transient: 'a passing error',
    auth: 'not signed in',
    quota: 'a quota is used up',
    config: 'a wrong setting',
    permanent: 'a lasting error',
  } satisfies Record<FailureClass, string>,
  note: (note: string) => `Note: ${note}`,
  unknown: 'Something happened that this version does not know',
} as const;
