import type { RunnerAction, RunnerView } from '$/protocol';
import { runnerActions as words } from '$/words/runner-actions';

/** Why the reader cannot do something with a runner; none when they can. */
export function refusal(runner: RunnerView, action: RunnerAction): string | undefined {
  const option = runner.options.find((candidate) => candidate.action === action);
  // An option that the server does not name is not there for this reader.
  return option === undefined ? words.notOffered : (option.refused ?? undefined);
}

/** What is worth offering for a runner as it stands: of two opposites the one that changes something. */
export function offered(runner: RunnerView): RunnerAction[] {
  /** The server knows more than what is seen: a pause that was asked for may not have begun. */
  const one = (now: RunnerAction, other: RunnerAction): RunnerAction =>
    refusal(runner, now) !== undefined && refusal(runner, other) === undefined ? other : now;
  return [
    'rename',
    runner.sharing === 'shared' ? one('unshare', 'share') : one('share', 'unshare'),
    runner.paused == null ? one('pause', 'resume') : one('resume', 'pause'),
    runner.disabled == null ? one('disable', 'enable') : one('enable', 'disable'),
    'remove',
  ];
}

/** An action on several runners: those that it can be done to, and why not the others. */
export interface Bulk {
  action: RunnerAction;
  can: RunnerView[];
  /** Why it can be done to none; none when it can be done to some. */
  refused: string | undefined;
}

const pairs: readonly (readonly RunnerAction[])[] = [
  ['share', 'unshare'],
  ['pause', 'resume'],
  ['disable', 'enable'],
  ['remove'],
];

/** What can be done to several runners at once. Of opposites that both fail, the first is shown with the reason. */
export function bulkOf(runners: readonly RunnerView[]): Bulk[] {
  return pairs.flatMap((pair) => {
    const all = pair.map((action): Bulk => {
      const fitting = runners.filter((runner) => offered(runner).includes(action));
      const can = fitting.filter((runner) => refusal(runner, action) === undefined);
      const reasons = new Set(fitting.map((runner) => refusal(runner, action)));
      const [only] = [...reasons];
      return {
        action,
        can,
        refused: can.length > 0 ? undefined : reasons.size === 1 && only ? only : words.nothing,
      };
    });
    const possible = all.filter(({ can }) => can.length > 0);
    return possible.length > 0 ? possible : all.slice(0, 1);
  });
}
