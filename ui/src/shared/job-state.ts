import type { JobState, OutcomeKind, Phase } from '$/protocol';

import type { Shape, Tone } from './tone';

interface Look {
  tone: Tone;
  shape: Shape;
}

/** How each state of a job looks; its word stands in the catalogue. */
export const jobLook: Record<JobState, Look> = {
  backlog: { tone: 'off', shape: 'dotted' },
  ready: { tone: 'off', shape: 'ring' },
  in_progress: { tone: 'running', shape: 'half' },
  awaiting_review: { tone: 'needs', shape: 'most' },
  done: { tone: 'ok', shape: 'check' },
  failed: { tone: 'failed', shape: 'cross' },
  cancelled: { tone: 'off', shape: 'slash' },
};

/** How each end of an attempt looks. */
export const outcomeLook: Record<OutcomeKind, Look> = {
  succeeded: { tone: 'ok', shape: 'check' },
  failed: { tone: 'failed', shape: 'cross' },
  cancelled: { tone: 'off', shape: 'slash' },
  interrupted: { tone: 'warning', shape: 'triangle' },
  runner_removed: { tone: 'warning', shape: 'triangle' },
  lost: { tone: 'warning', shape: 'triangle' },
};

/** How each step of an attempt looks. */
export const phaseLook: Record<Phase, Look> = {
  assigned: { tone: 'running', shape: 'dotted' },
  preparing: { tone: 'running', shape: 'ring' },
  running: { tone: 'running', shape: 'half' },
  retrying: { tone: 'warning', shape: 'triangle' },
  parked: { tone: 'warning', shape: 'triangle' },
  packaging: { tone: 'running', shape: 'most' },
  publishing: { tone: 'running', shape: 'most' },
  ended: { tone: 'off', shape: 'dot' },
};
