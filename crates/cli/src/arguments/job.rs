//! `coord job`

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, Subcommand};
use protocol::{agent::AgentName, ids::JobId, job::JobState};

use super::{Remote, parse};

pub(super) const EXAMPLES: &str = "Examples:
  coord job submit --workspace team --title \"Fix the build\" --instructions-file task.md
  coord job submit -w team --title Demo --instructions-file - --agent demo --attach data.csv
  coord job list -w team --state ready,in_progress
  coord job logs 12 -w team --follow
  coord job retry 12 -w team --feedback \"Leave the tests as they are.\"
  coord job wait 12 -w team --timeout 30m && coord job artifacts 12 -w team --out result";

/// `coord job`
#[derive(Debug, Args)]
pub(crate) struct JobArguments {
    #[command(subcommand)]
    pub(crate) command: JobCommand,
}

/// The verbs on jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// Submit a job
    Submit(Submit),
    /// Show jobs, newest first
    List(List),
    /// Show a job
    Show(Show),
    /// Show the log of a job
    Logs(Logs),
    /// Wait until a job has ended or awaits review
    Wait(Wait),
    /// Call a job off
    Cancel(Cancel),
    /// Have one more attempt at a job that is over
    Retry(Retry),
    /// Show or download the files that a job handed back
    Artifacts(Artifacts),
}

/// `coord job submit`
#[derive(Debug, Args)]
pub(crate) struct Submit {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// The workspace, by its name, short name or id; needed when the account has several
    #[arg(long, short, value_name = "WORKSPACE")]
    pub(crate) workspace: Option<String>,
    /// One line that names the job
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: String,
    /// File with what is to be done; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) instructions_file: PathBuf,
    /// The agent that should do it, such as claude or demo; any when left out
    #[arg(long, value_name = "AGENT", value_parser = |text: &str| Ok::<_, String>(AgentName::new(text)))]
    pub(crate) agent: Option<AgentName>,
    /// The model that the agent should use, by the agent's own name for it
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// An argument for the agent's program; may be given several times. The runner's owner has to allow it
    #[arg(
        long = "agent-argument",
        value_name = "ARGUMENT",
        allow_hyphen_values = true
    )]
    pub(crate) agent_arguments: Vec<String>,
    /// Who may take it: my, team, any, or runner:NAME
    #[arg(long, default_value = "my", value_name = "TARGET")]
    pub(crate) target: JobTarget,
    /// A file that the job brings along; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// Fail it when an attempt takes longer than this
    #[arg(long, value_name = "SECONDS")]
    pub(crate) deadline_s: Option<u64>,
    /// Leave it in the backlog instead of making it ready
    #[arg(long)]
    pub(crate) backlog: bool,
}

/// `coord job list`
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// The workspace, by its name, short name or id; needed when the account has several
    #[arg(long, short, value_name = "WORKSPACE")]
    pub(crate) workspace: Option<String>,
    /// Only jobs in these states
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub(crate) state: Vec<JobState>,
    /// Only jobs with these words
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// Which job, and where.
#[derive(Debug, Args)]
pub(crate) struct JobSelector {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// The job, by its id or its number
    #[arg(value_name = "ID")]
    pub(crate) job: JobRef,
    /// The workspace of a job that is named by number; needed when the account has several
    #[arg(long, short, value_name = "WORKSPACE")]
    pub(crate) workspace: Option<String>,
}

/// `coord job show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) job: JobSelector,
}

/// `coord job logs`
#[derive(Debug, Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    pub(crate) job: JobSelector,
    /// Go on until the job has ended
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Which attempt, from 1; the newest when left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) attempt: Option<u32>,
    /// Show what happened instead of what was said, as JSON
    #[arg(long, conflicts_with = "follow")]
    pub(crate) events: bool,
}

/// `coord job wait`
#[derive(Debug, Args)]
pub(crate) struct Wait {
    #[command(flatten)]
    pub(crate) job: JobSelector,
    /// Give up after this time, with exit code 8
    #[arg(long, value_name = "DURATION", value_parser = parse::duration)]
    pub(crate) timeout: Option<Duration>,
}

/// `coord job cancel`
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    #[command(flatten)]
    pub(crate) job: JobSelector,
}

/// `coord job retry`
#[derive(Debug, Args)]
pub(crate) struct Retry {
    #[command(flatten)]
    pub(crate) job: JobSelector,
    /// What the next attempt is to hear about the last one
    #[arg(long, value_name = "TEXT")]
    pub(crate) feedback: Option<String>,
    /// The same from a file; `-` reads it from standard input
    #[arg(long, value_name = "FILE", conflicts_with = "feedback")]
    pub(crate) feedback_file: Option<PathBuf>,
}

/// `coord job artifacts`
#[derive(Debug, Args)]
pub(crate) struct Artifacts {
    #[command(flatten)]
    pub(crate) job: JobSelector,
    /// Download them into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// A job as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobRef {
    /// By its id.
    Id(JobId),
    /// By its number in a workspace.
    Number(u64),
}

impl FromStr for JobRef {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(number) = text.strip_prefix('#').unwrap_or(text).parse() {
            return Ok(Self::Number(number));
        }
        text.parse()
            .map(Self::Id)
            .map_err(|_| "a job's id or its number is expected".to_owned())
    }
}

impl fmt::Display for JobRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Number(number) => write!(f, "#{number}"),
        }
    }
}

/// Who may take a job, as a person writes it; a runner's name is looked up later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JobTarget {
    /// The submitter's own runners.
    My,
    /// Shared runners of the team.
    Team,
    /// Both.
    Any,
    /// The runner of this name, short id or id.
    Runner(String),
}

impl FromStr for JobTarget {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "my" => Ok(Self::My),
            "team" => Ok(Self::Team),
            "any" => Ok(Self::Any),
            _ => match text.strip_prefix("runner:") {
                Some(name) if !name.is_empty() => Ok(Self::Runner(name.to_owned())),
                _ => Err("my, team, any or runner:NAME is expected".to_owned()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_named_by_id_or_number() {
        assert_eq!("12".parse(), Ok(JobRef::Number(12)));
        assert_eq!("#12".parse(), Ok(JobRef::Number(12)));
        let id = "0199a7c4-0000-7000-8000-000000000000";
        assert_eq!(id.parse(), Ok(JobRef::Id(id.parse().unwrap())));
        assert!("twelve".parse::<JobRef>().is_err());
    }

    #[test]
    fn a_target_is_one_of_four() {
        assert_eq!("any".parse(), Ok(JobTarget::Any));
        assert_eq!(
            "runner:box".parse(),
            Ok(JobTarget::Runner("box".to_owned()))
        );
        assert!("runner:".parse::<JobTarget>().is_err());
        assert!("mine".parse::<JobTarget>().is_err());
    }
}
