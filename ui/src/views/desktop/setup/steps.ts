import type { ServiceState } from '../service';

/** The first steps of a new runner, in order. */
export const steps = ['sign_in', 'directory', 'agents'] as const;
export type Step = (typeof steps)[number];

/** The step that is due; none when the runner is set up. */
export function stepOf(state: ServiceState, settingUp: boolean): Step | undefined {
  switch (state.connection.state) {
    case 'signed_out':
    case 'signing_in':
      return 'sign_in';
    case 'removed':
    case 'superseded':
    case 'version_unsupported':
      return undefined;
    case 'connecting':
    case 'online':
    case 'offline':
      break;
  }
  if (state.config.workspace_dir == null) return 'directory';
  return settingUp ? 'agents' : undefined;
}
