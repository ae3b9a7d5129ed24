//! `coord workspace`, `member`, `invite`, `token`, `audit`: who works together, and with what rights.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use protocol::{
    api::{Role, TokenScope},
    ids::{ApiTokenId, InvitationId},
};

use super::{Remote, Selector};

pub(super) const WORKSPACE_EXAMPLES: &str = "Examples:
  coord workspace list
  coord workspace create \"Data platform\"
  coord workspace rename -w data-platform \"Platform\"
  coord workspace transfer -w platform grace@example.org";

pub(super) const MEMBER_EXAMPLES: &str = "Examples:
  coord member list -w team
  coord member role -w team grace@example.org admin
  coord member remove -w team grace@example.org";

pub(super) const INVITE_EXAMPLES: &str = "Examples:
  coord invite send -w team grace@example.org --role member
  coord invite list -w team
  coord invite revoke -w team 0199a7c4";

pub(super) const TOKEN_EXAMPLES: &str = "Examples:
  coord token create nightly --scope read --scope jobs --days 90
  coord token list
  coord token revoke 0199a7c4";

pub(super) const AUDIT_EXAMPLES: &str = "Examples:
  coord audit -w team --limit 20
  coord audit -w team --action runner.removed
  coord audit -w team --export audit.csv";

/// Which workspace.
#[derive(Debug, Args)]
pub(crate) struct InWorkspace {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// The workspace, by its name, short name or id; needed when the account has several
    #[arg(long, short, global = true, value_name = "WORKSPACE")]
    pub(crate) workspace: Option<String>,
}

/// `coord workspace`
#[derive(Debug, Args)]
pub(crate) struct WorkspaceArguments {
    #[command(flatten)]
    pub(crate) at: InWorkspace,
    #[command(subcommand)]
    pub(crate) command: WorkspaceCommand,
}

/// What is done with workspaces.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Show the workspaces of this account
    List,
    /// Make a workspace, which this account owns
    Create {
        /// Its name
        name: String,
        /// Its name in addresses; made from the name when left out
        #[arg(long, value_name = "SLUG")]
        slug: Option<String>,
    },
    /// Give it another name
    Rename {
        /// The new name
        name: String,
        /// Its new name in addresses; old addresses stop working
        #[arg(long, value_name = "SLUG")]
        slug: Option<String>,
    },
    /// Give it to another member; this account stays as an admin
    Transfer {
        /// The member, by e-mail address or id
        member: String,
    },
    /// Leave it; attempts of this account's runners there end
    Leave {
        /// Name the workspace again: leaving cannot be undone from here
        #[arg(long, value_name = "WORKSPACE")]
        confirm: String,
    },
    /// Delete it with everything in it
    Delete {
        /// The workspace's full name: nothing of it can be brought back
        #[arg(long, value_name = "NAME")]
        confirm: String,
    },
}

/// `coord member`
#[derive(Debug, Args)]
pub(crate) struct MemberArguments {
    #[command(flatten)]
    pub(crate) at: InWorkspace,
    #[command(subcommand)]
    pub(crate) command: MemberCommand,
}

/// What is done with members.
#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// Show the members
    List,
    /// Give a member another role
    Role {
        /// The member, by e-mail address or id
        member: String,
        /// The new role
        role: GivenRole,
    },
    /// Take a member out; attempts of their runners there end
    Remove {
        /// The member, by e-mail address or id
        member: String,
    },
}

/// The roles that can be given; the owner's is transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GivenRole {
    /// Members, settings, every job, every runner
    Admin,
    /// Creates jobs, uses and shares their own runners
    Member,
    /// Reads
    Viewer,
}

impl From<GivenRole> for Role {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Admin => Self::Admin,
            GivenRole::Member => Self::Member,
            GivenRole::Viewer => Self::Viewer,
        }
    }
}

/// `coord invite`
#[derive(Debug, Args)]
pub(crate) struct InviteArguments {
    #[command(flatten)]
    pub(crate) at: InWorkspace,
    #[command(subcommand)]
    pub(crate) command: InviteCommand,
}

/// What is done with invitations.
#[derive(Debug, Subcommand)]
pub(crate) enum InviteCommand {
    /// Invite somebody; the link is printed once
    Send {
        /// Their e-mail address
        email: String,
        /// What they may do
        #[arg(long, default_value = "member")]
        role: GivenRole,
    },
    /// Show invitations that wait or have lately ended
    List,
    /// Send an invitation again, with a new link
    Resend {
        /// Which; the first characters are enough
        #[arg(value_name = "ID")]
        id: Selector<InvitationId>,
    },
    /// Take an invitation back
    Revoke {
        /// Which; the first characters are enough
        #[arg(value_name = "ID")]
        id: Selector<InvitationId>,
    },
}

/// `coord token`
#[derive(Debug, Args)]
pub(crate) struct TokenArguments {
    #[command(flatten)]
    pub(crate) remote: Remote,
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

/// What is done with tokens for scripts.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token; its secret is printed once
    Create {
        /// What it is for
        name: String,
        /// What it may be used for; may be given several times
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<Scope>,
        /// The only workspace that it reaches
        #[arg(long, short, value_name = "WORKSPACE")]
        workspace: Option<String>,
        /// Its life in days
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=366))]
        days: u32,
    },
    /// Show the tokens, without their secrets
    List,
    /// End a token
    Revoke {
        /// Which; the first characters are enough
        #[arg(value_name = "ID")]
        id: Selector<ApiTokenId>,
    },
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// See everything that the account sees
    Read,
    /// Submit, change and cancel jobs, and answer for them
    Jobs,
    /// Manage runners
    Runners,
    /// Manage members, invitations and workspaces
    Members,
}

impl From<Scope> for TokenScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Jobs => Self::Jobs,
            Scope::Runners => Self::Runners,
            Scope::Members => Self::Members,
        }
    }
}

/// `coord audit`
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) at: InWorkspace,
    /// Only this action, such as `runner.removed`
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<String>,
    /// Only what this member did, by e-mail address or id
    #[arg(long, value_name = "MEMBER")]
    pub(crate) actor: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Write the whole log into this file: CSV, or one JSON object a line when it ends in `.ndjson`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["action", "actor", "limit"])]
    pub(crate) export: Option<PathBuf>,
}
