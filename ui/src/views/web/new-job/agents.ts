import type { AgentStatus, RunnerView } from '$/protocol';

/** Whether a job can be given to an agent. */
export function isUsable(agent: AgentStatus): boolean {
  return agent.enabled && agent.detection === 'detected' && agent.sign_in !== 'signed_out';
}

/** An agent that can be asked for. */
export interface AgentChoice {
  name: string;
  title: string;
  /** Whether some runner in view could use it. */
  usable: boolean;
}

/** Every agent that some runner knows, usable ones first. */
export function agentChoices(runners: readonly RunnerView[]): AgentChoice[] {
  const found = new Map<string, AgentChoice>();
  for (const agent of runners.flatMap((runner) => runner.capabilities?.agents ?? [])) {
    const known = found.get(agent.name);
    const usable = isUsable(agent) || known?.usable === true;
    found.set(agent.name, { name: agent.name, title: agent.title, usable });
  }
  return [...found.values()].sort(
    (one, other) => Number(other.usable) - Number(one.usable) || one.title.localeCompare(other.title),
  );
}
