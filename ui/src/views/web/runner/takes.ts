import type { RunnerView, SharedUse } from '$/protocol';
import { runner as words } from '$/words/runner';
import { permissionWord } from '$/words/runners';

import { agentState } from '../runners/usable';

/** What keeps a runner from taking any job now, in words; nothing when it can take one. */
export function blockers(runner: RunnerView): string[] {
  const found: string[] = [];
  const { because } = words;
  if (runner.state === 'never_connected') found.push(because.never_connected);
  if (runner.state === 'offline') found.push(because.offline);
  if (runner.disabled) found.push(because.disabled(runner.disabled.by, runner.disabled.reason));
  if (runner.paused) found.push(runner.paused.note ? because.pausedNote(runner.paused.note) : because.paused);
  if (runner.draining) found.push(because.draining);
  for (const { message } of runner.troubles) found.push(message);
  const agents = runner.capabilities?.agents;
  if (agents && !agents.some((agent) => agentState(agent).usable)) found.push(because.noAgent);
  if (runner.state === 'online' && runner.slots.free === 0) found.push(because.full);
  return found;
}

/** What a machine's owner allows others, in words, one sentence part a line. */
export function consent(use: SharedUse): string[] {
  if (!use.allowed) return [words.policyOff];
  return [
    use.people && use.people.length > 0 ? words.policyPeople(use.people) : words.policyEverybody,
    ...(use.agents && use.agents.length > 0 ? [words.policyAgents(use.agents)] : []),
    permissionWord[use.permission],
    ...(use.at_once == null ? [] : [words.policyAtOnce(use.at_once)]),
    ...(use.hours == null ? [] : [words.policyHours(use.hours, use.open_now)]),
  ];
}
