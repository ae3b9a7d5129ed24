import type { Shape, Tone } from '$/shared/tone';

import type { ServiceState } from '../service';
import { words } from '../words';

/** The state of the runner as a person says it, with its look. */
export interface Sentence {
  text: string;
  tone: Tone;
  shape: Shape;
}

/** The address's host, for sentences. */
export function hostOf(server: string | null | undefined): string {
  try {
    return new URL(server ?? '').host;
  } catch {
    return 'the coordinator';
  }
}

/** What matters most about the runner now, in one sentence. */
export function sentenceOf(state: ServiceState): Sentence {
  const host = hostOf(state.config.server);
  const jobs = state.attempts.length;
  const waiting = state.approvals.length + state.questions.length;
  switch (state.connection.state) {
    case 'signed_out':
    case 'signing_in':
    case 'removed':
    case 'superseded':
    case 'version_unsupported':
      return { text: words.connection[state.connection.state], tone: 'warning', shape: 'slash' };
    case 'connecting':
      return { text: words.sentence.connecting(host), tone: 'off', shape: 'dotted' };
    case 'offline':
      return { text: words.sentence.offline(host), tone: 'warning', shape: 'slash' };
    case 'online':
      break;
  }
  if (state.troubles.length > 0) return { text: words.sentence.needsFix, tone: 'warning', shape: 'triangle' };
  if (waiting > 0) return { text: words.sentence.needsYou(waiting), tone: 'needs', shape: 'bang' };
  if (state.draining) return { text: words.sentence.draining(jobs), tone: 'off', shape: 'bars' };
  if (jobs > 0) return { text: words.sentence.working(jobs), tone: 'running', shape: 'half' };
  if (state.paused) return { text: words.sentence.paused, tone: 'off', shape: 'bars' };
  return { text: words.sentence.ready, tone: 'ok', shape: 'check' };
}
