//! `coord server`

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "Examples:
  coord server bootstrap --data ~/coord --email me@example.org --password-file pw.txt --workspace team
  coord server --data ~/coord
  coord server --data /var/lib/coord --listen 0.0.0.0:8080 --public-url https://coord.example
  coord server --data /var/lib/coord --database postgres://coord@db/coord
  coord server backup --data /var/lib/coord --out /backup/today
  coord server backup --data /var/lib/coord --out /backup/today.tar.zst
  coord server restore --from /backup/today --data /var/lib/coord-new
  coord server copy --from /var/lib/coord --to postgres://coord@db/coord";

/// `coord server`
#[derive(Debug, Args)]
pub(crate) struct ServerArguments {
    #[command(flatten)]
    pub(crate) serve: Serve,
    #[command(subcommand)]
    pub(crate) command: Option<ServerCommand>,
}

/// `coord server` itself.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Directory with database, files and settings; made when it is missing
    // Not required: variables alone must not be in the way of the verbs.
    #[arg(long, env = "COORD_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8420", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// PostgreSQL to use instead of the embedded database
    #[arg(
        long,
        env = "COORD_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// The address under which people reach it, when that is another
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
}

/// Verbs beside serving.
#[derive(Debug, Subcommand)]
pub(crate) enum ServerCommand {
    /// Make the first owner and the first workspace
    Bootstrap(Bootstrap),
    /// Copy everything into a folder or one file, while the coordinator works
    Backup(Backup),
    /// Put a back-up into an empty place
    Restore(Restore),
    /// Copy the embedded database into an empty PostgreSQL database
    Copy(CopyDatabase),
    /// Print a link with which somebody sets a new password, where no mail and no admin can help
    ResetPassword(ResetPassword),
}

/// `coord server backup`
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The coordinator's data directory
    #[arg(long, env = "COORD_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Its PostgreSQL database, when it does not use the embedded one
    #[arg(
        long,
        env = "COORD_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// The folder to make; empty, when it exists. One file, when the name ends in .tar.zst
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,
}

/// `coord server restore`
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The back-up: its folder or its file
    #[arg(long, value_name = "PATH")]
    pub(crate) from: PathBuf,
    /// The data directory to fill; made when it is missing
    #[arg(long, env = "COORD_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The empty PostgreSQL database to fill instead of an embedded one
    #[arg(
        long,
        env = "COORD_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
}

/// `coord server copy`
#[derive(Debug, Args)]
pub(crate) struct CopyDatabase {
    /// Data directory of a coordinator that does not run
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// The empty database to fill
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
}

/// `coord server bootstrap`
#[derive(Debug, Args)]
pub(crate) struct Bootstrap {
    /// Directory with database, files and settings; made when it is missing
    #[arg(long, env = "COORD_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// PostgreSQL to use instead of the embedded database
    #[arg(
        long,
        env = "COORD_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// The owner's e-mail address
    #[arg(long, value_name = "E-MAIL")]
    pub(crate) email: String,
    /// File with the owner's password; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: PathBuf,
    /// The workspace's name
    #[arg(long, value_name = "NAME")]
    pub(crate) workspace: String,
}

/// `coord server reset-password`
#[derive(Debug, Args)]
pub(crate) struct ResetPassword {
    /// The coordinator's directory with database, files and settings
    #[arg(long, env = "COORD_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// PostgreSQL that it uses instead of the embedded database
    #[arg(
        long,
        env = "COORD_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// The account's e-mail address
    #[arg(long, value_name = "E-MAIL")]
    pub(crate) email: String,
    /// The address under which people reach the coordinator, for the link
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8420")]
    pub(crate) public_url: String,
}
