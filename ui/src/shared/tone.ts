/** The six states that a colour can tell; the shape and the word beside it tell the same. */
export type Tone = 'ok' | 'running' | 'needs' | 'warning' | 'failed' | 'off';

/** Shapes that tell states apart without colour. */
export type Shape =
  'dotted' | 'ring' | 'half' | 'most' | 'check' | 'cross' | 'slash' | 'bang' | 'bars' | 'dot' | 'triangle';

/** Text in a tone's colour. */
export const toneText: Record<Tone, string> = {
  ok: 'text-ok',
  running: 'text-running',
  needs: 'text-needs',
  warning: 'text-warning',
  failed: 'text-failed',
  off: 'text-off',
};

/** Text in a tone's colour on its soft ground. */
export const toneSoft: Record<Tone, string> = {
  ok: 'bg-ok-soft text-ok',
  running: 'bg-running-soft text-running',
  needs: 'bg-needs-soft text-needs',
  warning: 'bg-warning-soft text-warning',
  failed: 'bg-failed-soft text-failed',
  off: 'bg-off-soft text-off',
};
