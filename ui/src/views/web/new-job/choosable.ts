import type { RunnerView } from '$/protocol';
import { newJob as words } from '$/words/jobs';

import { matches } from '../runners/usable';
import { collator } from '../runners/view';

/** A runner that a job may be meant for, or the reason why not. */
export interface Choosable {
  runner: RunnerView;
  refused: string | undefined;
}

const rank = ({ runner, refused }: Choosable): number =>
  (refused === undefined ? 0 : 2) + (runner.state === 'online' ? 0 : 1);

/** Runners for a job of `account`: those that it may be meant for first, connected ones before others. */
export function choosable(runners: readonly RunnerView[], account: string, typed: string): Choosable[] {
  return runners
    .filter((runner) => matches(runner, typed))
    .map((runner) => ({
      runner,
      refused:
        runner.owner.id === account || runner.sharing === 'shared'
          ? undefined
          : words.private(runner.owner.name),
    }))
    .sort((one, other) => rank(one) - rank(other) || collator.compare(one.runner.name, other.runner.name));
}
