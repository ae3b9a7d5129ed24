//! The database's structure, step by step.
//!
//! One ordered folder: `0001_people.sql` for both engines, or a pair
//! `0002_x.pg.sql` and `0002_x.sqlite.sql` where they must differ. A step that has
//! been released never changes.

use std::borrow::Cow;

use include_dir::{Dir, include_dir};
use sqlx::{
    SqlSafeStr as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::Result;

static FOLDER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

/// Which engine's words to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The embedded database.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The steps for one engine.
///
/// A database that a newer version has taken further is left as it is: its steps only
/// add what this version does not look at (see `docs/decisions/0016-upgrades.md`).
pub(super) fn of(dialect: Dialect) -> Result<Migrator> {
    let mut migrator = up_to(dialect, i64::MAX)?;
    migrator.set_ignore_missing(true);
    Ok(migrator)
}

/// The newest step.
pub(super) fn newest() -> Result<i64> {
    let steps = up_to(Dialect::Sqlite, i64::MAX)?;
    Ok(steps.iter().map(|step| step.version).max().unwrap_or(0))
}

/// The steps for one engine up to step `version`.
pub(super) fn up_to(dialect: Dialect, version: i64) -> Result<Migrator> {
    let mut steps = Vec::new();
    for file in FOLDER.files() {
        let name = file.path().to_string_lossy();
        let Some(step) = Step::parse(&name) else {
            return Err(broken(format!("`{name}` is not named like a migration")));
        };
        if step.dialect.is_some_and(|only| only != dialect) || step.version > version {
            continue;
        }
        let text = file
            .contents_utf8()
            .ok_or_else(|| broken(format!("`{name}` is not text")))?;
        steps.push(Migration::new(
            step.version,
            Cow::Owned(step.title.to_owned()),
            MigrationType::Simple,
            text.into_sql_str(),
            false,
        ));
    }
    Ok(Migrator::with_migrations(steps))
}

/// A migration's file name, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Step<'a> {
    version: i64,
    title: &'a str,
    dialect: Option<Dialect>,
}

impl<'a> Step<'a> {
    fn parse(name: &'a str) -> Option<Self> {
        let (version, rest) = name.split_once('_')?;
        let rest = rest.strip_suffix(".sql")?;
        let (title, dialect) = match rest.rsplit_once('.') {
            Some((title, "pg")) => (title, Some(Dialect::Postgres)),
            Some((title, "sqlite")) => (title, Some(Dialect::Sqlite)),
            Some(_) => return None,
            None => (rest, None),
        };
        Some(Self {
            version: version.parse().ok()?,
            title,
            dialect,
        })
    }
}

fn broken(reason: String) -> crate::Error {
    MigrateError::Source(reason.into()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let step = |version, title, dialect| {
            Some(Step {
                version,
                title,
                dialect,
            })
        };
        assert_eq!(Step::parse("0001_people.sql"), step(1, "people", None));
        assert_eq!(
            Step::parse("0012_x.pg.sql"),
            step(12, "x", Some(Dialect::Postgres))
        );
        assert_eq!(Step::parse("0012_x.mysql.sql"), None);
        assert_eq!(Step::parse("people.sql"), None);
    }

    #[test]
    fn both_engines_take_the_same_steps_in_rising_order() {
        let versions = |dialect| -> Vec<i64> {
            of(dialect)
                .unwrap()
                .iter()
                .map(|step| step.version)
                .collect()
        };
        let sqlite = versions(Dialect::Sqlite);
        assert_eq!(sqlite, versions(Dialect::Postgres));
        assert!(sqlite.is_sorted_by(|a, b| a < b), "{sqlite:?}");
        assert!(!sqlite.is_empty());
    }
}
