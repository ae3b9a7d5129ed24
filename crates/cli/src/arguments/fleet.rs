//! `coord runners`: the runners in view of a workspace.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{parse, team::InWorkspace};

pub(super) const EXAMPLES: &str = "Examples:
  coord runners list -w team
  coord runners show -w team build-1
  coord runners share -w team build-1
  coord runners pause build-1 --for 2h --note \"Moving desks\"
  coord runners disable -w team build-1 --reason \"Disk is being replaced\"";

/// `coord runners`
#[derive(Debug, Args)]
pub(crate) struct FleetArguments {
    #[command(flatten)]
    pub(crate) at: InWorkspace,
    #[command(subcommand)]
    pub(crate) command: FleetCommand,
}

/// What is done with runners in view.
#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    /// Show the runners
    List {
        /// Only this account's own
        #[arg(long)]
        mine: bool,
    },
    /// Show a runner, and what can be done with it
    Show {
        /// The runner, by name, short id or id
        runner: String,
    },
    /// Give a runner of this account another name
    Rename {
        /// The runner, by name, short id or id
        runner: String,
        /// Its new name
        name: String,
    },
    /// Make a runner available to the other members of the workspace
    Share {
        /// The runner, by name, short id or id
        runner: String,
    },
    /// End a runner's sharing in the workspace
    Unshare {
        /// The runner, by name, short id or id
        runner: String,
    },
    /// Give a runner no new job of the workspace; what it runs there finishes
    Disable {
        /// The runner, by name, short id or id
        runner: String,
        /// Why; everybody in the workspace sees it
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Give a runner jobs of the workspace again
    Enable {
        /// The runner, by name, short id or id
        runner: String,
    },
    /// Give a runner of this account no new job anywhere for a while
    Pause {
        /// The runner, by name, short id or id
        runner: String,
        /// For how long; until it is resumed when left out
        #[arg(long = "for", value_name = "DURATION", value_parser = parse::duration)]
        duration: Option<Duration>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// End the pause of a runner of this account
    Resume {
        /// The runner, by name, short id or id
        runner: String,
    },
    /// Deregister a runner of this account everywhere; its credentials die at once
    Remove {
        /// The runner, by name, short id or id
        runner: String,
        /// Also while it runs jobs, which end
        #[arg(long)]
        busy: bool,
    },
}
