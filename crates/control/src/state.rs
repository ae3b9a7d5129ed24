//! The service's state, as every face draws it.

use protocol::{
    agent::{AgentName, AgentStatus, Tool},
    api::{ParkedView, PersonRef},
    approval::{AnsweredBy, Approval, Decision},
    ids::{AttemptId, JobId, RunnerId},
    job::{OutcomeKind, Phase},
    question::Question,
    record::Usage,
    rule::PermissionRule,
    runner::{Pause, PermissionLevel, Slots, Trouble},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the service stands with its coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Connection {
    /// Nobody is signed in.
    SignedOut {
        /// Why, when it was not asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
    },
    /// A person has to confirm in a browser.
    SigningIn {
        /// What the person compares or types.
        user_code: String,
        /// Where the person confirms.
        verification_uri: String,
        /// The same, with the code filled in.
        verification_uri_complete: String,
        /// When the code ends.
        expires_at: Timestamp,
    },
    /// Signed in, and no sync has been answered yet.
    Connecting,
    /// Syncs are answered.
    Online,
    /// Syncs are not answered.
    Offline {
        /// Since when.
        since: Timestamp,
        /// What happened, why, and what to do.
        message: String,
        /// When the next try comes.
        retry_at: Timestamp,
    },
    /// The runner was removed in the web app; signing in registers it again.
    Removed,
    /// Another start of this runner has taken over.
    Superseded,
    /// The coordinator is too old or too new for this runner.
    VersionUnsupported {
        /// What to update.
        message: String,
    },
}

/// Where the runner's tokens are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kept_in", rename_all = "snake_case")]
pub enum CredentialStore {
    /// In the operating system's keyring.
    Keyring,
    /// In a file that only its owner can read, since there is no keyring.
    File {
        /// Where.
        path: String,
    },
    /// The keyring is locked; it has to be unlocked first.
    Locked,
}

/// The runner, once it is registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerRef {
    /// Which.
    pub id: RunnerId,
    /// Its name.
    pub name: String,
    /// Its short id, for people.
    pub short_id: String,
}

/// An attempt that runs on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunningAttempt {
    /// Which.
    pub attempt_id: AttemptId,
    /// Of which job.
    pub job_id: JobId,
    /// The job's number.
    pub job_number: u64,
    /// The attempt's number, from 1.
    pub attempt_number: u32,
    /// The job's title.
    pub title: String,
    /// The workspace's name.
    pub workspace: String,
    /// The agent at work.
    pub agent: Option<AgentName>,
    /// Which step is under way.
    pub phase: Phase,
    /// When it began here.
    pub started_at: Timestamp,
    /// What happened last, in one line.
    pub last_action: Option<String>,
    /// The job's folder.
    pub folder: Option<String>,
    /// Where people see the job.
    pub url: String,
    /// Whether the worker that owns it answers.
    pub worker_answers: bool,
    /// Whether it has been told to end.
    pub cancelling: bool,
    /// Until when it waits, while it is parked; it holds no slot then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<ParkedView>,
}

/// An approval that waits, with its job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingApproval {
    /// Of which attempt.
    pub attempt_id: AttemptId,
    /// The job's number.
    pub job_number: u64,
    /// The job's title.
    pub title: String,
    /// The agent that asks.
    pub agent: Option<AgentName>,
    /// What is asked.
    pub approval: Approval,
}

/// A question that waits, with its job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingQuestion {
    /// Of which attempt.
    pub attempt_id: AttemptId,
    /// The job's number.
    pub job_number: u64,
    /// The job's title.
    pub title: String,
    /// The agent that asks.
    pub agent: Option<AgentName>,
    /// What is asked.
    pub question: Question,
}

/// An answer that was applied lately, so that whoever comes too late hears who was first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettledAsk {
    /// The approval's or the question's id.
    pub id: String,
    /// What was decided; none for a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Who answered, and where.
    pub by: AnsweredBy,
    /// When, on the runner's clock.
    pub at: Timestamp,
}

/// An attempt that ended on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptSummary {
    /// Which.
    pub attempt_id: AttemptId,
    /// Of which job.
    pub job_id: JobId,
    /// The job's number.
    pub job_number: u64,
    /// The attempt's number, from 1.
    pub attempt_number: u32,
    /// The job's title.
    pub title: String,
    /// The agent that did it.
    pub agent: Option<AgentName>,
    /// How it ended.
    pub outcome: OutcomeKind,
    /// Why it failed, or the agent's last words.
    pub summary: Option<String>,
    /// Tokens and cost, where known.
    pub usage: Option<Usage>,
    /// When it began here.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The job's folder.
    pub folder: Option<String>,
    /// Where people see the job.
    pub url: String,
}

/// One agent's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentConfig {
    /// Whether jobs may be given to it.
    pub enabled: bool,
    /// Its program, when it is not where it is looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The model to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Arguments to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_arguments: Vec<String>,
    /// What it is, when it is an agent of the owner's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomAgent>,
    /// How much it may do without asking; as for all agents when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<PermissionLevel>,
}

/// An agent of the owner's own: a program that speaks the Agent Client Protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomAgent {
    /// What people call it; its short name when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its program: a name to be looked for, or a full path.
    pub command: String,
    /// The arguments that make it speak the protocol.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Variables set for it.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub environment: std::collections::BTreeMap<String, String>,
    /// The mode in which it works; one in which it asks when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}

/// What an agent said of itself when it was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentTest {
    /// Its own name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The modes that it offers.
    pub modes: Vec<String>,
    /// The mode in which jobs would run; none when it has no modes.
    pub mode: Option<String>,
    /// The models that it offers.
    pub models: Vec<String>,
    /// Its ways to sign in, for people.
    pub sign_ins: Vec<String>,
    /// Whether it wants a sign-in before it works; its words.
    pub signed_out: Option<String>,
    /// Whether a session can be taken up again.
    pub resumes: bool,
    /// Why jobs cannot be given to it: what went wrong, in its own words.
    pub problem: Option<String>,
}

/// What the machine's owner allows others to do, where the runner is shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SharedUseConfig {
    /// Whether others may use it at all.
    pub allowed: bool,
    /// E-mail addresses of those who may; everybody when empty.
    #[serde(default)]
    pub people: Vec<String>,
    /// Agents that others may use; every enabled one when empty.
    #[serde(default)]
    pub agents: Vec<AgentName>,
    /// The most that an agent may do without asking, in a job of somebody else.
    #[serde(default)]
    pub permission: PermissionLevel,
    /// How many jobs of others at once; as many as there are slots when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u32>,
    /// When others may use it, in words: `Mon-Fri 18:00-08:00`; always when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
}

impl Default for SharedUseConfig {
    fn default() -> Self {
        Self {
            allowed: true,
            people: Vec::new(),
            agents: Vec::new(),
            permission: PermissionLevel::default(),
            at_once: None,
            hours: None,
        }
    }
}

/// One workspace's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceConfig {
    /// How much agents may do without asking in its jobs; as for all workspaces when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<PermissionLevel>,
}

/// How much room the runner leaves on the disk, and when it cleans up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpaceConfig {
    /// Free space below which it takes nothing new, in megabytes; 0 for none.
    pub disk_floor_mb: u32,
    /// Days after the end of an attempt until its folders are put aside; 0 for never.
    pub keep_days: u32,
    /// Days until what was put aside is deleted.
    pub aside_days: u32,
}

/// The settings, as they apply now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Config {
    /// The coordinator's address.
    pub server: Option<String>,
    /// The wished name of the runner.
    pub name: Option<String>,
    /// Where jobs get their folders.
    pub workspace_dir: Option<String>,
    /// Concurrent jobs.
    pub slots: u32,
    /// Per agent, by its short name.
    pub agents: std::collections::BTreeMap<AgentName, AgentConfig>,
    /// What others may do.
    #[serde(default)]
    pub shared_use: SharedUseConfig,
    /// How much agents may do without asking.
    #[serde(default)]
    pub permission: PermissionLevel,
    /// How long a request waits for a person, in minutes; after that it is denied.
    #[serde(default)]
    pub approval_timeout_min: u32,
    /// Per workspace, by its short name.
    #[serde(default)]
    pub workspaces: std::collections::BTreeMap<String, WorkspaceConfig>,
    /// Room on the disk.
    #[serde(default)]
    pub space: SpaceConfig,
    /// Keys that an option or the environment has set, which a face cannot change.
    pub locked: Vec<String>,
    /// The configuration file.
    pub file: String,
}

/// What to change in the settings; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigPatch {
    /// The coordinator's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The wished name of the runner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where jobs get their folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_dir: Option<String>,
    /// Concurrent jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<u32>,
    /// Per agent, by its short name; each replaces that agent's settings as a whole.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub agents: std::collections::BTreeMap<AgentName, AgentConfig>,
    /// Agents of the owner's own that are to go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents_removed: Vec<AgentName>,
    /// What others may do, as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_use: Option<SharedUseConfig>,
    /// How much agents may do without asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<PermissionLevel>,
    /// How long a request waits for a person, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_timeout_min: Option<u32>,
    /// Room on the disk, as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<SpaceConfig>,
    /// Per workspace, by its short name; each replaces that workspace's settings as a whole.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub workspaces: std::collections::BTreeMap<String, WorkspaceConfig>,
}

/// What takes space on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpaceUsed {
    /// Records of attempts, in bytes.
    pub records_bytes: u64,
    /// Everything in the workspace directory that is not put aside.
    pub jobs_bytes: u64,
    /// What is put aside, and goes after a while.
    pub aside_bytes: u64,
    /// When it was added up.
    pub at: Timestamp,
}

/// How a directory does as the workspace directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirectoryCheck {
    /// The path, made absolute.
    pub path: String,
    /// Whether it exists; it is created when it is chosen.
    pub exists: bool,
    /// Why it cannot be used: what, why, what to do.
    pub problem: Option<String>,
    /// What is unwise about it, such as a synchronised folder.
    pub warnings: Vec<String>,
    /// Free space in bytes, where it can be found out.
    pub free_bytes: Option<u64>,
}

/// How a coordinator's address does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerCheck {
    /// The address, as it will be used.
    pub url: String,
    /// The coordinator's version, when it answers.
    pub version: Option<String>,
    /// Why it cannot be used: what, why, what to do.
    pub problem: Option<String>,
}

/// Everything that a face shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceState {
    /// Version of the service.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// How it stands with its coordinator.
    pub connection: Connection,
    /// The runner, once it is registered.
    pub runner: Option<RunnerRef>,
    /// Who is signed in.
    pub account: Option<PersonRef>,
    /// Where the tokens are kept, once there are some.
    pub credentials: Option<CredentialStore>,
    /// Capacity.
    pub slots: Slots,
    /// Set while paused.
    pub paused: Option<Pause>,
    /// Whether it finishes what it has and then ends.
    pub draining: bool,
    /// What keeps it from taking work.
    pub troubles: Vec<Trouble>,
    /// Agents found on the machine, in the order of preference.
    pub agents: Vec<AgentStatus>,
    /// Tools that were looked for, found or not.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// Whether it is looking for agents now.
    pub scanning: bool,
    /// What takes space, once it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space_used: Option<SpaceUsed>,
    /// Attempts under way.
    pub attempts: Vec<RunningAttempt>,
    /// Approvals that wait, oldest first.
    pub approvals: Vec<WaitingApproval>,
    /// Questions that wait, oldest first.
    pub questions: Vec<WaitingQuestion>,
    /// What was answered lately, by whom and where, oldest first.
    #[serde(default)]
    pub settled: Vec<SettledAsk>,
    /// What the owner of this machine allows always.
    #[serde(default)]
    pub rules: Vec<PermissionRule>,
    /// The settings.
    pub config: Config,
}
