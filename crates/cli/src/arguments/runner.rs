//! `coord runner`

use std::{path::PathBuf, time::Duration};

use clap::{ArgGroup, Args, Subcommand};
use protocol::{
    ids::{AttemptId, RuleId},
    runner::PermissionLevel,
};

use super::{ApprovalsCommand, QuestionsCommand, Selector, parse};

pub(super) const EXAMPLES: &str = "Examples:
  coord runner start --workspace-dir ~/jobs      take jobs until stopped
  coord runner start --token-file token.txt --name build-7
  coord runner status                            what it does now
  coord runner pause --for 2h --note \"On a train\"
  coord runner stop                              finish what runs, then end";

/// `coord runner`
#[derive(Debug, Args)]
pub(crate) struct RunnerArguments {
    /// The runner's data directory; this user's own when left out
    #[arg(long, global = true, env = "COORD_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: RunnerCommand,
}

/// The verbs on this machine's service.
#[derive(Debug, Subcommand)]
pub(crate) enum RunnerCommand {
    /// Run the service in the foreground
    Start(Start),
    /// Sign the runner in: show a code to confirm in a browser
    Login,
    /// Sign the runner out; what it runs ends
    Logout,
    /// Say that the data directory was moved, so that the same runner goes on here
    Moved,
    /// Show how the runner does
    Status,
    /// Take nothing new, finish what runs, then end
    Stop(Stop),
    /// Take nothing new for a while
    Pause(Pause),
    /// Take jobs again
    Resume,
    /// Show or change what others may do with this machine where it is shared
    Sharing(Sharing),
    /// Show or change how much agents on this machine may do without asking
    Permission(Permission),
    /// Show or change how much room is left on the disk, and for how long finished work is kept
    Space(Space),
    /// Show the agents on this machine
    Agents(Agents),
    /// See and answer what agents on this machine ask permission for
    Approvals(LocalAnswers<ApprovalsCommand>),
    /// See and answer what agents on this machine ask
    Questions(LocalAnswers<QuestionsCommand>),
    /// See, make and revoke the rules by which this machine allows something always
    Rules(LocalAnswers<RulesCommand>),
    /// Show the log of an attempt on this machine
    Logs(LocalLogs),
    /// Show attempts that ended on this machine
    History(History),
}

/// `coord runner start`
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// The coordinator's address
    #[arg(long, env = "COORD_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Where jobs get their folders; must be writable
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace_dir: Option<PathBuf>,
    /// The name under which others see this machine; its network name when left out
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// How many jobs run at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(protocol::limits::SLOTS_MAX)))]
    pub(crate) slots: Option<u32>,
    /// File with a one-time token from the Download Runner page, which signs this machine in; `-`
    /// reads it from standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

/// `coord runner stop`
#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// End the agents instead of letting them finish
    #[arg(long)]
    pub(crate) now: bool,
}

/// `coord runner pause`
#[derive(Debug, Args)]
pub(crate) struct Pause {
    /// Resume by itself after this time
    #[arg(long = "for", value_name = "DURATION", value_parser = parse::duration)]
    pub(crate) how_long: Option<Duration>,
    /// Why, for others to read
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
}

/// `coord runner sharing`
#[derive(Debug, Args)]
pub(crate) struct Sharing {
    #[command(subcommand)]
    pub(crate) command: SharingCommand,
}

/// What is done with the owner's consent.
#[derive(Debug, Subcommand)]
pub(crate) enum SharingCommand {
    /// Show what others may do
    Show,
    /// Change what others may do; what is not named stays
    Set(SetSharing),
}

/// `coord runner sharing set`
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct SetSharing {
    /// Whether others may use it at all
    #[arg(long, value_name = "yes|no", value_parser = parse::yes_or_no)]
    pub(crate) allowed: Option<bool>,
    /// Somebody who may, by e-mail address; repeat for more
    #[arg(long = "person", value_name = "E-MAIL")]
    pub(crate) people: Vec<String>,
    /// Everybody in the workspace may
    #[arg(long, conflicts_with = "people")]
    pub(crate) everybody: bool,
    /// An agent that others may use; repeat for more
    #[arg(long = "agent", value_name = "NAME")]
    pub(crate) agents: Vec<String>,
    /// Every enabled agent may be used
    #[arg(long, conflicts_with = "agents")]
    pub(crate) any_agent: bool,
    /// The most that an agent may do without asking
    #[arg(long, value_name = "LEVEL", value_parser = ["read_only", "ask"])]
    pub(crate) permission: Option<String>,
    /// At most so many jobs of others at once; 0 for as many as there are slots
    #[arg(long, value_name = "N")]
    pub(crate) at_once: Option<u32>,
    /// When, such as `Mon-Fri 18:00-08:00`; `always` for no limit
    #[arg(long, value_name = "HOURS")]
    pub(crate) hours: Option<String>,
}

/// `coord runner permission`
#[derive(Debug, Args)]
pub(crate) struct Permission {
    #[command(subcommand)]
    pub(crate) command: Option<PermissionCommand>,
}

/// What is done with the owner's levels.
#[derive(Debug, Default, Subcommand)]
pub(crate) enum PermissionCommand {
    /// Show what counts; also without a verb
    #[default]
    Show,
    /// Change what counts for all, for one agent, or for one workspace
    Set(SetPermission),
}

/// `coord runner permission set`
#[derive(Debug, Args)]
pub(crate) struct SetPermission {
    /// `read_only`, `ask`, `accept_edits` or `trusted`; `unset` for an agent or a workspace
    /// that is to follow what counts for all
    #[arg(value_name = "LEVEL", value_parser = parse::level)]
    pub(crate) level: Level,
    /// For this agent, by its short name
    #[arg(long, value_name = "NAME", conflicts_with = "workspace")]
    pub(crate) agent: Option<String>,
    /// For jobs of this workspace, by its short name
    #[arg(long, value_name = "NAME")]
    pub(crate) workspace: Option<String>,
}

/// `coord runner space`
#[derive(Debug, Args)]
pub(crate) struct Space {
    #[command(subcommand)]
    pub(crate) command: Option<SpaceCommand>,
}

/// What is done with the settings of the disk.
#[derive(Debug, Default, Subcommand)]
pub(crate) enum SpaceCommand {
    /// Show what counts; also without a verb
    #[default]
    Show,
    /// Change what is named; the rest stays
    Set(SetSpace),
}

/// `coord runner space set`
#[derive(Debug, Clone, Copy, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct SetSpace {
    /// Free space below which no job is taken, in megabytes; 0 for none
    #[arg(long, value_name = "MB")]
    pub(crate) disk_floor_mb: Option<u32>,
    /// Days after which folders of what is over and handed over are put aside; 0 for never
    #[arg(long, value_name = "DAYS")]
    pub(crate) keep_days: Option<u32>,
    /// Days after which what was put aside is deleted
    #[arg(long, value_name = "DAYS")]
    pub(crate) aside_days: Option<u32>,
}

/// A level; none for what counts for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level(pub(crate) Option<PermissionLevel>);

/// `coord runner agents`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Agents {
    /// Look for agents and tools again first
    #[arg(long)]
    pub(crate) rescan: bool,
    #[command(subcommand)]
    pub(crate) command: Option<AgentsCommand>,
}

/// What can be done with agents of one's own.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentsCommand {
    /// Add a program that speaks the Agent Client Protocol
    Add(AddAgent),
    /// Remove an agent that was added
    Remove {
        /// Its short name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Start an agent that was added, and show what it says of itself
    Test {
        /// Its short name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `coord runner agents add`
#[derive(Debug, Args)]
pub(crate) struct AddAgent {
    /// Its short name: lower case letters, digits and hyphens
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Its program: a name to be looked for, or a full path
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) command: String,
    /// An argument that makes it speak the protocol; give it once for each
    #[arg(long = "argument", value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) arguments: Vec<String>,
    /// A variable for it: NAME for its value in this terminal, or NAME=VALUE
    #[arg(long = "environment", value_name = "NAME")]
    pub(crate) environment: Vec<String>,
    /// What people call it
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// The mode in which it works; one in which it asks when left out
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<String>,
    /// Add it without trying it first
    #[arg(long)]
    pub(crate) untested: bool,
}

/// `coord runner approvals` and `coord runner questions`
#[derive(Debug, Args)]
pub(crate) struct LocalAnswers<C: Subcommand> {
    #[command(subcommand)]
    pub(crate) command: Option<C>,
}

/// `coord runner rules`
#[derive(Debug, Default, Subcommand)]
pub(crate) enum RulesCommand {
    /// Show the rules; also without a verb
    #[default]
    List,
    /// Allow something always
    Add(NewRule),
    /// End a rule at once
    Revoke {
        /// Which; the first characters are enough
        #[arg(value_name = "ID")]
        id: Selector<RuleId>,
    },
}

/// `coord runner rules add`
#[derive(Debug, Args)]
// The group that comes by itself holds every option, so that none could go along with another.
#[group(skip)]
#[command(group = ArgGroup::new("what").required(true).args(["command", "path", "tool"]))]
pub(crate) struct NewRule {
    /// Commands that begin with these words: `--command "git push"`
    #[arg(long, value_name = "WORDS")]
    pub(crate) command: Option<String>,
    /// Changes of files by a pattern from the job's folder on: `--path "docs/**"`
    #[arg(long, value_name = "PATTERN")]
    pub(crate) path: Option<String>,
    /// A tool by its name
    #[arg(long, value_name = "TOOL")]
    pub(crate) tool: Option<String>,
    /// For this agent alone
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// For jobs of this workspace alone
    #[arg(long, value_name = "WORKSPACE")]
    pub(crate) workspace: Option<String>,
    /// For how many days; 30 when left out
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(protocol::limits::RULE_DAYS_MAX)))]
    pub(crate) days: Option<u32>,
}

/// `coord runner logs`
#[derive(Debug, Args)]
pub(crate) struct LocalLogs {
    /// Which attempt; the newest when left out
    #[arg(value_name = "ATTEMPT")]
    pub(crate) attempt: Option<AttemptId>,
    /// Go on until the attempt has ended
    #[arg(long, short)]
    pub(crate) follow: bool,
}

/// `coord runner history`
#[derive(Debug, Args)]
pub(crate) struct History {
    /// At most this many
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) limit: u32,
}
