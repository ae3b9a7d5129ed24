import type { AgentStatus, RunnerView } from '$/protocol';
import { runners as words } from '$/words/runners';

/** Silence after which a runner is likely never to come back. */
const staleAfterMs = 30 * 86_400_000;

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

/** Whether a runner has been silent for so long that it is likely gone. */
export function isStale(runner: RunnerView, now: number): boolean {
  return (
    runner.state === 'offline' &&
    runner.last_heartbeat_at != null &&
    now - runner.last_heartbeat_at > staleAfterMs
  );
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

/** Whether a version stands before another: "0.9.0" before "0.10.0". */
export function isOlder(version: string, than: string): boolean {
  const parts = (text: string): number[] => (text.split(/[-+]/)[0] ?? '').split('.').map(Number);
  const [one, other] = [parts(version), parts(than)];
  if ([...one, ...other].some(Number.isNaN)) return false;
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
