//! The database of a stage's coordinator: the embedded one, or PostgreSQL where that is asked for.

use anyhow::{Context as _, Result};

/// Which it is: `sqlite`, as when nothing is said, or `postgres`.
pub const ENGINE: &str = "COORD_TEST_ENGINE";
/// The folder of a PostgreSQL server that all tests of a run share; without it each
/// stage starts one of its own.
pub const SHARED_POSTGRES: &str = "COORD_TEST_POSTGRES";

/// A database of its own on a PostgreSQL server.
pub(crate) struct Database {
    pub(crate) url: String,
    /// Ends with the stage.
    #[cfg(unix)]
    _server: Option<testkit::postgres::Postgres>,
}

/// Whether tests play on PostgreSQL.
pub fn is_postgres() -> Result<bool> {
    match std::env::var(ENGINE).as_deref() {
        Err(std::env::VarError::NotPresent) | Ok("sqlite") => Ok(false),
        Ok("postgres") => Ok(true),
        other => anyhow::bail!("{ENGINE} is {other:?}; it may be `sqlite` or `postgres`"),
    }
}

/// A new database, where one is needed.
pub(crate) fn asked_for() -> Result<Option<Database>> {
    is_postgres()?.then(database).transpose()
}

#[cfg(unix)]
fn database() -> Result<Database> {
    use testkit::postgres::{Postgres, Shared};

    let Some(folder) = std::env::var_os(SHARED_POSTGRES) else {
        let server = Postgres::start()?;
        return Ok(Database {
            url: server.database()?,
            _server: Some(server),
        });
    };
    let name = format!("stage_{}", uuid::Uuid::new_v4().simple());
    let url = Shared::at(folder.into()).database(&name);
    Ok(Database {
        url: url.context("the PostgreSQL server that all tests share")?,
        _server: None,
    })
}

#[cfg(not(unix))]
fn database() -> Result<Database> {
    anyhow::bail!("PostgreSQL is started for tests with the means of Unix")
}
