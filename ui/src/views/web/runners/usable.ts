import type { AgentStatus, RunnerView } from '$/protocol';
import { runners as words } from '$/words/runners';

/** Whether an agent can take jobs, and in words why not. */
export function agentState(agent: AgentStatus): { usable: boolean; word: string } {
  if (agent.detection !== 'detected') return { usable: false, word: words.agent[agent.detection] };
  if (!agent.enabled) return { usable: false, word: words.agent.disabled };
  if (agent.sign_in === 'signed_out') return { usable: false, word: words.agent.signed_out };
  return { usable: true, word: words.agent.usable };
}

/** Agents worth a badge: those that are on the machine. */
export function foundAgents(runner: RunnerView): AgentStatus[] {
  return (runner.capabilities?.agents ?? []).filter(({ detection }) => detection !== 'not_found');
}

/** Whether what a person typed stands in something that describes the runner. */
export function matches(runner: RunnerView, typed: string): boolean {
  const wanted = typed.trim().toLowerCase();
  const platform = runner.capabilities?.platform;
  return [
    runner.name,
    runner.short_id,
    runner.owner.name,
    runner.owner.email,
    platform?.os,
    platform?.os_version,
    platform?.arch,
    platform?.hostname,
    ...foundAgents(runner).map(({ title }) => title),
  ].some((text) => text?.toLowerCase().includes(wanted));
}
