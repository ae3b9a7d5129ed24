import type { RunnerView } from '$/protocol';
import type { MenuEntry } from '$/shared/menu';
import { actionWord } from '$/words/runner-actions';

import type { RunnerDeeds } from './deeds.svelte';
import { offered, refusal } from './options';

/** What a runner's menu offers; what cannot be done now says why. */
export function menuEntries(runner: RunnerView, deeds: RunnerDeeds): MenuEntry[] {
  return offered(runner).flatMap((action): MenuEntry[] => {
    const entry = {
      word: actionWord[action],
      refused: refusal(runner, action),
      act: () => deeds.begin(action, [runner]),
    };
    return action === 'remove' ? [{}, { ...entry, danger: true }] : [entry];
  });
}
