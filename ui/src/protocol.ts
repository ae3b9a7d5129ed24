/** The product's words as types, written down by hand until the coordinator's document exists. */
export type Timestamp = number;

export interface Problem {
  code: ErrorCode;
  message: string;
  hint?: string | null;
  request_id?: string | null;
}
export type ErrorCode =
  | 'not_signed_in'
  | 'wrong_credentials'
  | 'confirmation_required'
  | 'forbidden'
  | 'not_found'
  | 'invalid'
  | 'too_large'
  | 'conflict'
  | 'rate_limited'
  | 'not_bootstrapped'
  | 'device_code_invalid'
  | 'ambiguous'
  | 'stale_sync'
  | 'runner_removed'
  | 'runner_superseded'
  | 'fence_moved_on'
  | 'entries_missing'
  | 'version_unsupported'
  | 'unavailable'
  | 'internal'
  | 'unknown';

export interface Instance {
  product: string;
  version: string;
  bootstrapped: boolean;
}
export interface PersonRef {
  id: string;
  name: string;
  email: string;
}
export type Role = 'owner' | 'admin' | 'member' | 'viewer';
export interface Workspace {
  id: string;
  slug: string;
  name: string;
  role: Role;
}
export interface Me {
  account: PersonRef;
  workspaces: Workspace[];
}
export type ClientKind = 'runner' | 'command_line';
export interface DeviceFacts {
  user_code: string;
  client: ClientKind;
  machine: string;
  system: string;
  address: string;
  asked_at: Timestamp;
  expires_at: Timestamp;
  password_needed: boolean;
}
export type DeviceDecision = 'confirm' | 'deny';

export type JobState =
  'backlog' | 'ready' | 'in_progress' | 'awaiting_review' | 'done' | 'failed' | 'cancelled';
export type Target =
  { kind: 'my' } | { kind: 'team' } | { kind: 'any' } | { kind: 'runner'; runner_id: string };
export type JobContext = 'local';
export type Refusal =
  | { because: 'not_the_target' }
  | { because: 'not_shared' }
  | { because: 'disabled' }
  | { because: 'offline' }
  | { because: 'paused' }
  | { because: 'draining' }
  | { because: 'agent_unavailable'; agent?: string | null }
  | { because: 'context_unsupported' }
  | { because: 'no_free_slot' }
  | { because: 'unhealthy'; message: string };
export interface RunnerRefusal {
  runner_id: string;
  name: string;
  refusal: Refusal;
}
export type Hold =
  | { reason: 'uploads_pending' }
  | { reason: 'no_runner'; runners: RunnerRefusal[] }
  | { reason: 'runner_gone' };
export type Phase = 'assigned' | 'preparing' | 'running' | 'retrying' | 'packaging' | 'publishing' | 'ended';
export type OutcomeKind = 'succeeded' | 'failed' | 'cancelled' | 'interrupted' | 'lost';
export type FailureClass = 'transient' | 'auth' | 'quota' | 'config' | 'permanent';
export interface Failure {
  class: FailureClass;
  message: string;
  hint?: string | null;
}
export interface Usage {
  input_tokens?: number;
  cached_tokens?: number;
  output_tokens?: number;
  cost_usd?: number | null;
}
export interface Outcome {
  kind: OutcomeKind;
  failure?: Failure | null;
  summary?: string | null;
  usage?: Usage | null;
  log_last: number;
  log_sha256: string;
}
export interface JobSummary {
  id: string;
  number: number;
  title: string;
  state: JobState;
  agent?: string | null;
  runner?: string | null;
  needs_you: number;
  created_by: PersonRef;
  created_at: Timestamp;
  updated_at: Timestamp;
}
export interface JobList {
  jobs: JobSummary[];
  next?: string | null;
}
export interface NewJob {
  title: string;
  instructions: string;
  context?: JobContext;
  target?: Target;
  agent?: string | null;
  ready?: boolean;
}
export interface AttachmentView {
  id: string;
  name: string;
  size: number;
  sha256: string;
}
export interface ArtifactView {
  id: string;
  attempt_number: number;
  path: string;
  size: number;
  sha256: string;
}
export interface AttemptView {
  id: string;
  number: number;
  state: Phase;
  outcome?: OutcomeKind | null;
  outcome_detail?: Outcome | null;
  runner: string;
  runner_id: string;
  agent?: string | null;
  started_at: Timestamp;
  ended_at?: Timestamp | null;
  unreachable: boolean;
  events_last: number;
  log_last: number;
}
export interface JobView {
  id: string;
  workspace_id: string;
  number: number;
  title: string;
  instructions: string;
  state: JobState;
  hold?: Hold | null;
  context: JobContext;
  target: Target;
  agent?: string | null;
  created_by: PersonRef;
  created_at: Timestamp;
  updated_at: Timestamp;
  cancel_requested_at?: Timestamp | null;
  attempts: AttemptView[];
  attachments: AttachmentView[];
  artifacts: ArtifactView[];
  approvals: ApprovalView[];
  questions: QuestionView[];
}
export type Action =
  | { kind: 'run'; command: string }
  | { kind: 'edit'; path: string; diff: string }
  | { kind: 'other'; title: string; detail: string };
export type Risk = 'network' | 'delete' | 'outside_folder' | 'secrets' | 'elevated';
export interface ApprovalSubject {
  action: Action;
  directory: string;
  inside_folder: boolean;
  claimed_reason?: string | null;
  risks?: Risk[];
}
export interface Approval {
  id: string;
  digest: string;
  subject: ApprovalSubject;
  tool_call?: string | null;
  asked_at: Timestamp;
  expires_at?: Timestamp | null;
}
export type Decision = 'allow_once' | 'allow_for_job' | 'deny';
export type Surface = 'web' | 'window' | 'command_line' | 'policy';
export interface AnsweredBy {
  surface: Surface;
  name: string;
}
export type AnswerStatus = 'waiting' | 'sent' | 'settled' | 'withdrawn';
export interface ApprovalView {
  job_id: string;
  job_number: number;
  job_title: string;
  approval: Approval;
  status: AnswerStatus;
  decision?: Decision | null;
  by?: AnsweredBy | null;
  answered_at?: Timestamp | null;
}
export interface QuestionOption {
  label: string;
  description?: string | null;
}
export interface QuestionItem {
  key: string;
  text: string;
  options?: QuestionOption[];
  multiple?: boolean;
  free_text: boolean;
}
export interface Question {
  id: string;
  digest: string;
  items: QuestionItem[];
  asked_at: Timestamp;
}
export interface ItemAnswer {
  key: string;
  values: string[];
}
export interface QuestionView {
  job_id: string;
  job_number: number;
  job_title: string;
  question: Question;
  status: AnswerStatus;
  answers?: ItemAnswer[];
  by?: AnsweredBy | null;
  answered_at?: Timestamp | null;
}
export interface PendingList {
  approvals: ApprovalView[];
  questions: QuestionView[];
}
export type ToolKind = 'read' | 'edit' | 'delete' | 'run' | 'search' | 'fetch' | 'other';
export type ToolStatus = 'completed' | 'failed' | 'declined' | 'cancelled';
export interface PlanItem {
  text: string;
  status: 'pending' | 'in_progress' | 'completed';
}
export type NoticeLevel = 'info' | 'warning' | 'error';
export type Event =
  | { type: 'phase_changed'; phase: Phase }
  | {
      type: 'session_started';
      agent: string;
      version?: string | null;
      session?: string | null;
      model?: string | null;
      resumed: boolean;
    }
  | { type: 'tool_started'; tool_call: string; kind: ToolKind; title: string; detail?: string | null }
  | { type: 'tool_ended'; tool_call: string; status: ToolStatus; result?: string | null }
  | { type: 'approval_requested'; approval: Approval }
  | {
      type: 'approval_settled';
      approval_id: string;
      decision: Decision;
      by: AnsweredBy;
      note?: string | null;
    }
  | { type: 'approval_withdrawn'; approval_id: string; reason: string }
  | { type: 'question_asked'; question: Question }
  | { type: 'question_settled'; question_id: string; answers: ItemAnswer[]; by: AnsweredBy }
  | { type: 'question_withdrawn'; question_id: string; reason: string }
  | { type: 'plan_updated'; items: PlanItem[] }
  | { type: 'usage_reported'; usage: Usage }
  | { type: 'retrying'; attempt_try: number; delay_ms: number; class: FailureClass; message: string }
  | { type: 'notice'; level: NoticeLevel; message: string }
  | { type: 'ended'; outcome: Outcome }
  | { type: 'unknown' };
export interface EventEntry {
  n: number;
  at: Timestamp;
  event: Event;
}
export interface EventPage {
  entries: EventEntry[];
  last: number;
}
export type LogKind = 'text' | 'thinking' | 'tool' | 'stderr' | 'runner';
export interface LogEntry {
  n: number;
  at: Timestamp;
  kind: LogKind;
  text: string;
  partial?: boolean;
}
export interface LogPage {
  entries: LogEntry[];
  last: number;
  complete: boolean;
}
export type Detection = 'detected' | 'not_found' | 'unsupported';
export type SignIn = 'signed_in' | 'signed_out' | 'not_needed' | 'unknown';
export interface AgentStatus {
  name: string;
  title: string;
  detection: Detection;
  enabled: boolean;
  version?: string | null;
  path?: string | null;
  sign_in: SignIn;
  hint?: string | null;
}
export interface Platform {
  os: string;
  os_version: string;
  arch: string;
  hostname: string;
}
export interface Capabilities {
  platform: Platform;
  runner_version: string;
  agents: AgentStatus[];
}
export type RunnerState = 'online' | 'offline' | 'never_connected';
export type Activity = 'idle' | 'active';
export interface Pause {
  since: Timestamp;
  until?: Timestamp | null;
  note?: string | null;
}
export interface Slots {
  total: number;
  free: number;
}
export interface Trouble {
  code: string;
  message: string;
}
export interface RunnerView {
  id: string;
  short_id: string;
  name: string;
  owner: PersonRef;
  state: RunnerState;
  activity: Activity;
  paused?: Pause | null;
  draining: boolean;
  slots: Slots;
  capabilities?: Capabilities | null;
  troubles: Trouble[];
  current_jobs: { job_id: string; number: number; title: string }[];
  lifetime_attempts: number;
  last_heartbeat_at?: Timestamp | null;
  registered_at: Timestamp;
}
export interface RunnerList {
  runners: RunnerView[];
}
export interface TargetPreview {
  can_take: string[];
  cannot_take: RunnerRefusal[];
}
export type Change =
  | { what: 'job'; job_id: string }
  | { what: 'log'; job_id: string; attempt_id: string; last: number }
  | { what: 'runner'; runner_id: string }
  | { what: 'everything' };
export interface LiveEvent {
  change: Change;
}
