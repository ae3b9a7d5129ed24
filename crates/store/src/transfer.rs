//! Moving everything from one database to another: back-ups, restoring, and changing
//! from the embedded database to PostgreSQL.
//!
//! A [`Source`] is read at one moment while coordinators work on; a [`Target`] has to
//! be empty, and takes everything or nothing. Rows travel as JSON lists, the same
//! whichever engine they come from, so that their digests can be compared.

mod link;
mod source;
mod tables;
mod target;

use protocol::digest::RunningDigest;
use serde::{Deserialize, Serialize};

pub use source::Source;
pub use target::Target;

/// Why everything could not be moved.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// A database refused or could not be reached.
    #[error("the database could not carry out the request")]
    Store(#[from] crate::Error),
    /// There is no database to be read.
    #[error("there is no database of a coordinator")]
    NothingThere,
    /// The database, or the copy, is of a newer version.
    #[error(
        "its structure has step {found}, and this version knows steps up to {known}; \
         use the version of coord that wrote it, or a newer one"
    )]
    Newer {
        /// Which step.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// The database was not brought up to date.
    #[error(
        "its structure has step {found} and not {known}; start the coordinator of this version once"
    )]
    Older {
        /// Its newest step.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// There is something in the target.
    #[error("the target is not empty: `{table}` has rows; name an empty database")]
    NotEmpty {
        /// Where.
        table: String,
    },
    /// The copy has other tables or columns than its step has.
    #[error("the copy's table `{table}` is not one of step {version}")]
    OtherStructure {
        /// Which.
        table: String,
        /// The step.
        version: i64,
    },
    /// What was written is not what was read.
    #[error("table `{table}` differs: {expected} rows were to be written, {found} are there")]
    Differs {
        /// Which.
        table: String,
        /// How many rows the source has.
        expected: u64,
        /// How many the target has.
        found: u64,
    },
}

/// Rows of one table, all together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDigest {
    /// The table.
    pub name: String,
    /// The columns, in the order in which rows list them.
    pub columns: Vec<String>,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 over the rows' lines, in the order of their keys.
    pub sha256: String,
}

/// Adds rows up to a [`TableDigest`].
#[derive(Debug, Default)]
pub struct Tally {
    rows: u64,
    digest: RunningDigest,
}

impl Tally {
    /// Adds rows, each as its line without the end.
    pub fn add(&mut self, rows: &[String]) {
        for row in rows {
            self.digest.update(row.as_bytes());
            self.digest.update(b"\n");
        }
        self.rows += rows.len() as u64;
    }

    /// The sum so far.
    pub fn of(&self, name: &str, columns: &[String]) -> TableDigest {
        TableDigest {
            name: name.to_owned(),
            columns: columns.to_vec(),
            rows: self.rows,
            sha256: self.digest.hex(),
        }
    }
}

/// Copies everything from `source` into the empty `target`, or nothing.
pub async fn copy(
    source: &mut Source,
    mut target: Target,
) -> Result<Vec<TableDigest>, TransferError> {
    let mut done = Vec::new();
    for name in Source::tables() {
        let columns = source.begin(name).await?;
        target.begin(name, &columns).await?;
        let mut tally = Tally::default();
        loop {
            let rows = source.next().await?;
            if rows.is_empty() {
                break;
            }
            tally.add(&rows);
            target.insert(&rows).await?;
        }
        done.push(tally.of(name, &columns));
    }
    target.finish(&done).await?;
    Ok(done)
}
