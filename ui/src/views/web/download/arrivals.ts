import type { RunnerView } from '$/protocol';

/** Which of one's runners were connected, so that one that connects later can be told from them. */
export function connectedIds(runners: readonly RunnerView[], account: string): ReadonlySet<string> {
  return new Set(
    runners.filter(({ owner, state }) => owner.id === account && state === 'online').map(({ id }) => id),
  );
}

/** The first of one's runners that is connected now and was not before. */
export function arrived(
  runners: readonly RunnerView[],
  account: string,
  before: ReadonlySet<string>,
): RunnerView | undefined {
  return runners.find(
    ({ id, owner, state }) => owner.id === account && state === 'online' && !before.has(id),
  );
}
