import type { AgentStatus, RunnerView } from '$/protocol';

/** An agent for tests: there, switched on and signed in, unless `changes` say otherwise. */
export function sampleAgent(changes: Partial<AgentStatus> = {}): AgentStatus {
  return {
    name: 'demo',
    title: 'Demo',
    detection: 'detected',
    enabled: true,
    sign_in: 'not_needed',
    ...changes,
  };
}

/** A runner for tests: online, idle, private, Ada's, unless `changes` say otherwise. */
export function sampleRunner(changes: Partial<RunnerView> = {}): RunnerView {
  return {
    id: 'r1',
    short_id: 'abc123',
    name: 'workbench',
    owner: { id: 'ada', name: 'Ada', email: 'ada@example.org' },
    state: 'online',
    activity: 'idle',
    sharing: 'private',
    options: [],
    draining: false,
    slots: { total: 2, free: 2 },
    capabilities: {
      platform: { os: 'linux', os_version: 'Debian 13', arch: 'x86_64', hostname: 'workbench.lan' },
      runner_version: '0.1.0',
      agents: [sampleAgent()],
    },
    troubles: [],
    current_jobs: [],
    lifetime_attempts: 0,
    last_heartbeat_at: 1000,
    registered_at: 0,
    ...changes,
  };
}
