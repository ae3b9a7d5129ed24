import type { components } from '$/client/generated/control';
import type { Problem } from '$/protocol';

type Schemas = components['schemas'];

export type Request = Schemas['Request'];
export type Reply = Schemas['Reply'];
export type ReplyOf<T extends Reply['reply']> = Extract<Reply, { reply: T }>;
export type ServiceState = Schemas['ServiceState'];
export type Connection = Schemas['Connection'];
export type ConnectionOf<T extends Connection['state']> = Extract<Connection, { state: T }>;
export type Config = Schemas['Config'];
export type ConfigPatch = Schemas['ConfigPatch'];
export type SharedUseConfig = Schemas['SharedUseConfig'];
export type AgentConfig = Schemas['AgentConfig'];
export type AgentStatus = Schemas['AgentStatus'];
export type AgentTest = Schemas['AgentTest'];
export type CustomAgent = Schemas['CustomAgent'];
export type RunningAttempt = Schemas['RunningAttempt'];
export type PermissionRule = Schemas['PermissionRule'];
export type SettledAsk = Schemas['SettledAsk'];
export type WaitingApproval = Schemas['WaitingApproval'];
export type WaitingQuestion = Schemas['WaitingQuestion'];
export type AttemptSummary = Schemas['AttemptSummary'];
export type DirectoryCheck = Schemas['DirectoryCheck'];
export type ServerCheck = Schemas['ServerCheck'];

/** How the app stands with the runner service of this machine. */
export type Link =
  | { link: 'starting' }
  | { link: 'running'; state: ServiceState }
  | { link: 'stopped' }
  | { link: 'broken'; message: string };

/** Where the window is asked to go. */
export type Asked = { number: number; no_tray: boolean } & (
  | { page: 'last' | 'status' | 'sign_in' | 'history' | 'settings' | 'quit' }
  | { page: 'logs'; of: string | null }
);

/** What the window hears without asking again. */
export type Signal = { signal: 'service'; service: Link } | { signal: 'show'; asked: Asked };

export type QuitChoice = 'finish' | 'stop_now' | 'keep_running';

/** What the window can ask of the desktop around it; a failure is thrown as a `Problem`. */
export interface Shell {
  control(request: Request): Promise<Reply>;
  watch(hear: (signal: Signal) => void): void;
  chooseDirectory(start: string | null): Promise<string | null>;
  openUrl(url: string): Promise<void>;
  revealFolder(folder: string): Promise<void>;
  startService(): Promise<void>;
  /** Closes the window; the runner works on. */
  close(): Promise<void>;
  quit(choice: QuitChoice): Promise<void>;
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}

/** Whatever was thrown, as a problem that can be shown. */
export function problemFrom(error: unknown): Problem {
  if (isProblem(error)) return error;
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
