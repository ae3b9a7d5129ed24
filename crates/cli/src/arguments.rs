//! What can be typed: verbs, options and their help.
//!
//! Names, options and their meaning are a contract; a change needs a note in
//! the changelog.

mod fleet;
mod job;
mod parse;
mod runner;
mod server;
mod team;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use protocol::ids::{ApprovalId, QuestionId};

pub(crate) use fleet::{FleetArguments, FleetCommand};
pub(crate) use job::{
    Artifacts, Cancel, JobArguments, JobCommand, JobRef, JobSelector, JobTarget, List, Logs, Retry,
    Show, Submit, Wait,
};
pub(crate) use runner::{
    AddAgent, Agents, AgentsCommand, History, Level, LocalAnswers, LocalLogs, NewRule, Pause,
    Permission, PermissionCommand, RulesCommand, RunnerArguments, RunnerCommand, SetPermission,
    SetSharing, SetSpace, Sharing, SharingCommand, Space, SpaceCommand, Start, Stop,
};
pub(crate) use server::{
    Backup, Bootstrap, CopyDatabase, ResetPassword, Restore, Serve, ServerArguments, ServerCommand,
};
pub(crate) use team::{
    Audit, InviteArguments, InviteCommand, MemberArguments, MemberCommand, TokenArguments,
    TokenCommand, WorkspaceArguments, WorkspaceCommand,
};

/// Help begins with what the command is for and how it is used; the list of options follows.
const HELP: &str = "{about-with-newline}
{before-help}{usage-heading} {usage}

{all-args}{after-help}
";

const EXAMPLES: &str = "Examples:
  coord server --data ~/coord                    run a coordinator here
  coord login --server https://coord.example     sign in on this machine
  coord runner start --workspace-dir ~/jobs      take jobs on this machine
  coord job submit --workspace team --title \"Fix the build\" --instructions-file task.md
  coord job logs 12 --follow                     watch a job";

/// Coordinates coding agents: runs jobs on people's own machines.
#[derive(Debug, Parser)]
#[command(name = "coord", version, before_help = EXAMPLES, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options that every verb takes.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that stands alone"
)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Common {
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Never ask for anything; fail instead
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Print without colour (as does `NO_COLOR`)
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Print only results and failures
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more about the work itself; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Directory with this user's sign-ins
    #[arg(long, global = true, env = "COORD_CONFIG", value_name = "DIR")]
    pub(crate) config: Option<PathBuf>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a coordinator
    #[command(before_help = server::EXAMPLES, args_conflicts_with_subcommands = true)]
    Server(ServerArguments),
    /// Sign in to a coordinator on this machine
    #[command(before_help = LOGIN_EXAMPLES)]
    Login(Login),
    /// Forget this machine's sign-in and end it in the coordinator
    Logout(Logout),
    /// Take jobs on this machine, and look after the service that does
    #[command(before_help = runner::EXAMPLES)]
    Runner(RunnerArguments),
    /// Submit jobs and see what became of them
    #[command(before_help = job::EXAMPLES)]
    Job(JobArguments),
    /// See and answer what agents ask permission for
    #[command(before_help = APPROVALS_EXAMPLES)]
    Approvals(Approvals),
    /// See and answer what agents ask
    #[command(before_help = QUESTIONS_EXAMPLES)]
    Questions(Questions),
    /// Make and change workspaces
    #[command(before_help = team::WORKSPACE_EXAMPLES)]
    Workspace(WorkspaceArguments),
    /// See and change who belongs to a workspace
    #[command(before_help = team::MEMBER_EXAMPLES)]
    Member(MemberArguments),
    /// Invite people to a workspace
    #[command(before_help = team::INVITE_EXAMPLES)]
    Invite(InviteArguments),
    /// See and manage the runners in view of a workspace
    #[command(before_help = fleet::EXAMPLES)]
    Runners(FleetArguments),
    /// Make and end tokens for scripts
    #[command(before_help = team::TOKEN_EXAMPLES)]
    Token(TokenArguments),
    /// Read or export what was done in a workspace
    #[command(before_help = team::AUDIT_EXAMPLES)]
    Audit(Audit),
    /// Be an agent without a model, over standard input and output
    #[command(before_help = DEMO_EXAMPLES)]
    DemoAgent(DemoAgent),
    /// Own one attempt at a job; started by the service
    #[command(hide = true)]
    Worker(Worker),
    /// Print an interface description
    #[command(hide = true)]
    Schema(Schema),
    /// Print completions for a shell
    #[command(before_help = COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Print the version
    Version,
}

/// Which coordinator.
#[derive(Debug, Clone, Args)]
pub(crate) struct Remote {
    /// The coordinator's address; the one signed in to last when left out
    #[arg(long, env = "COORD_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
}

const LOGIN_EXAMPLES: &str = "Examples:
  coord login --server https://coord.example
  coord login --server http://127.0.0.1:8420 --email me@example.org --password-file pw.txt";

/// `coord login`
#[derive(Debug, Args)]
pub(crate) struct Login {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// Sign in with this account's password instead of a browser
    #[arg(long, requires = "password_file", value_name = "E-MAIL")]
    pub(crate) email: Option<String>,
    /// File with the password; `-` reads it from standard input
    #[arg(long, requires = "email", value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

/// `coord logout`
#[derive(Debug, Args)]
pub(crate) struct Logout {
    #[command(flatten)]
    pub(crate) remote: Remote,
}

const APPROVALS_EXAMPLES: &str = "Examples:
  coord approvals list --workspace team
  coord approvals allow 0199a7c4-0000-7000-8000-000000000000
  coord approvals deny 0199a7c4-0000-7000-8000-000000000000 --note \"Use the staging host\"";

/// `coord approvals`
#[derive(Debug, Args)]
pub(crate) struct Approvals {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// The workspace, by its name, short name or id; needed when the account has several
    #[arg(long, short, global = true, value_name = "WORKSPACE")]
    pub(crate) workspace: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<ApprovalsCommand>,
}

/// What is done with approvals, here and on the coordinator.
#[derive(Debug, Default, Subcommand)]
pub(crate) enum ApprovalsCommand {
    /// Show what waits; also without a verb
    #[default]
    List,
    /// Allow an action
    Allow {
        /// Which; the first characters are enough
        #[arg(value_name = "ID")]
        id: Selector<ApprovalId>,
        /// Also allow the same again until the job ends
        #[arg(long)]
        for_job: bool,
        #[command(flatten)]
        always: Always,
    },
    /// Deny an action; the agent goes on without it
    Deny {
        /// Which; the first characters are enough
        #[arg(value_name = "ID")]
        id: Selector<ApprovalId>,
        /// Words for the agent
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

/// How something is allowed always; only the machine's owner may.
#[derive(Debug, Default, Args)]
pub(crate) struct Always {
    /// Also allow what begins like this in all jobs on that machine, as in `--always "git push"`;
    /// without a value by the rule that `list` proposes
    #[arg(id = "always", long = "always", value_name = "RULE", num_args = 0..=1, conflicts_with = "for_job")]
    #[expect(
        clippy::option_option,
        reason = "absent, without a value and with one are three things"
    )]
    pub(crate) rule: Option<Option<String>>,
    /// Keep the rule also where it allows more than the proposed one
    #[arg(long, requires = "always")]
    pub(crate) wider: bool,
    /// For how many days the rule holds
    #[arg(long, value_name = "DAYS", requires = "always", value_parser = clap::value_parser!(u32).range(1..=i64::from(protocol::limits::RULE_DAYS_MAX)))]
    pub(crate) days: Option<u32>,
}

const QUESTIONS_EXAMPLES: &str = "Examples:
  coord questions list --workspace team
  coord questions answer 0199a7c4-0000-7000-8000-000000000000 SQLite
  coord questions answer 0199a7c4-0000-7000-8000-000000000000 --item database=SQLite --item port=8080
  coord questions decline 0199a7c4-0000-7000-8000-000000000000";

/// `coord questions`
#[derive(Debug, Args)]
pub(crate) struct Questions {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// The workspace, by its name, short name or id; needed when the account has several
    #[arg(long, short, global = true, value_name = "WORKSPACE")]
    pub(crate) workspace: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<QuestionsCommand>,
}

/// What is done with questions, here and on the coordinator.
#[derive(Debug, Default, Subcommand)]
pub(crate) enum QuestionsCommand {
    /// Show what waits; also without a verb
    #[default]
    List,
    /// Answer a question
    Answer {
        /// Which; the first characters are enough
        #[arg(value_name = "ID")]
        id: Selector<QuestionId>,
        /// The answer to a question that asks one thing; several where several may be chosen
        #[arg(value_name = "ANSWER", conflicts_with = "items")]
        values: Vec<String>,
        /// The answer to one of several things asked, as KEY=ANSWER
        #[arg(long = "item", value_name = "KEY=ANSWER", value_parser = parse::pair)]
        items: Vec<(String, String)>,
    },
    /// Answer nothing: the agent decides for itself, and goes on
    Decline {
        /// Which; the first characters are enough
        #[arg(value_name = "ID")]
        id: Selector<QuestionId>,
    },
}

pub(crate) use parse::Selector;

const DEMO_EXAMPLES: &str = "Examples:
  coord job submit --workspace team --title Demo --agent demo --instructions-file script.txt

  The instructions are read line by line:
    say TEXT                     think TEXT                wait 2s
    write PATH TEXT              run COMMAND               output PATH TEXT
    ask QUESTION | OPTION | …    flood LINES [BYTES]       crash
    fail transient|permanent MESSAGE                       recite
  || begins a further question, and an OPTION with a + may be chosen with others.
  Any other line is said.";

/// `coord demo-agent`
#[derive(Debug, Args)]
pub(crate) struct DemoAgent {}

/// `coord worker`
#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// The attempt's directory; without it, the input says which
    #[arg(long, value_name = "DIR")]
    pub(crate) attempt: Option<PathBuf>,
}

/// `coord schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Which interface
    pub(crate) of: Interface,
}

/// The interfaces that have a description.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Interface {
    /// The coordinator's HTTP interface
    Api,
    /// The service's control socket
    Control,
}

const COMPLETIONS_EXAMPLES: &str = "Examples:
  coord completions bash > ~/.local/share/bash-completion/completions/coord
  coord completions zsh > ~/.zfunc/_coord
  coord completions fish > ~/.config/fish/completions/coord.fish";

/// `coord completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Which shell
    pub(crate) shell: Shell,
}

/// The shells that completions are made for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Nushell,
}

/// Gives every verb the same order of help.
pub(crate) fn styled(command: clap::Command) -> clap::Command {
    command
        .help_template(HELP)
        .max_term_width(100)
        .mut_subcommands(styled)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        styled(Arguments::command()).debug_assert();
    }

    #[test]
    fn a_rule_is_of_one_kind_and_may_be_narrowed() {
        let parsed = |words: &str| {
            let words = format!("coord runner rules add {words}");
            Arguments::try_parse_from(words.split(' ').map(str::to_owned)).is_ok()
        };
        assert!(parsed(
            "--command mkdir --agent demo --workspace team --days 3"
        ));
        assert!(parsed("--tool Fetch --days 3"));
        assert!(!parsed("--command mkdir --tool Fetch"));
        assert!(!parsed("--days 3"));
    }

    #[test]
    fn the_workspace_may_follow_the_verb() {
        let parsed = Arguments::try_parse_from([
            "coord",
            "approvals",
            "list",
            "--workspace",
            "team",
            "--json",
        ])
        .unwrap();
        assert!(parsed.common.json);
        let Some(Command::Approvals(approvals)) = parsed.command else {
            panic!("another verb was read");
        };
        assert_eq!(approvals.workspace.as_deref(), Some("team"));
    }
}
