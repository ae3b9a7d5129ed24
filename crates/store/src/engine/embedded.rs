//! One connection to the embedded database, used on the thread that asks.
//!
//! A statement of the embedded database mostly takes less time than handing it to
//! another thread and waking up again with the answer (`docs/decisions/0018-sqlite-in-place.md`).

use std::{path::Path, sync::Arc, time::Duration};

use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql, types::Value as Kept};

use super::statement::{Statement, Value};
use crate::{Error, Result};

/// How long a connection waits for another program's lock on the file.
pub(super) const BUSY_WAIT_MAX: Duration = Duration::from_secs(5);
/// Statements that stay prepared.
pub(super) const STATEMENTS_CACHED_MAX: usize = 512;

/// One connection.
#[derive(Debug)]
pub(super) struct Embedded(Connection);

/// One row of an answer.
#[derive(Debug)]
pub(crate) struct EmbeddedRow {
    columns: Arc<[Box<str>]>,
    values: Vec<Kept>,
}

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Read and write.
    Write,
    /// Only read.
    Read,
}

impl Embedded {
    /// Connects to a database that exists.
    pub(super) fn open(path: &Path, access: Access) -> Result<Self> {
        let rights = match access {
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        // One thread at a time uses it: whoever has it has it alone.
        let connection =
            Connection::open_with_flags(path, rights | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY_WAIT_MAX)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
        connection.pragma_update(None, "foreign_keys", true)?;
        // Each commit is on the disk before anybody is told.
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(Self(connection))
    }

    /// Runs a statement; says how many rows it changed.
    pub(super) fn run(&self, statement: &Statement) -> Result<u64> {
        let mut prepared = self.prepared(statement)?;
        let changed = prepared.raw_execute()?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    /// Every row of the answer, or the first `limit`.
    pub(super) fn rows(&self, statement: &Statement, limit: usize) -> Result<Vec<EmbeddedRow>> {
        let mut prepared = self.prepared(statement)?;
        let columns: Arc<[Box<str>]> = prepared.column_names().into_iter().map(Box::from).collect();
        let mut found = Vec::new();
        let mut rows = prepared.raw_query();
        while found.len() < limit
            && let Some(row) = rows.next()?
        {
            let values = (0..columns.len()).map(|place| row.get(place));
            found.push(EmbeddedRow {
                columns: Arc::clone(&columns),
                values: values.collect::<rusqlite::Result<_>>()?,
            });
        }
        Ok(found)
    }

    /// Runs words that steer transactions.
    pub(super) fn control(&self, words: &str) -> Result<()> {
        Ok(self.0.execute_batch(words)?)
    }

    fn prepared(&self, statement: &Statement) -> Result<CachedStatement<'_>> {
        let mut prepared = self.0.prepare_cached(statement.sqlite)?;
        for place in 1..=prepared.parameter_count() {
            // `$2` is a name here: SQLite counts places in the order in which names come.
            let number = prepared
                .parameter_name(place)
                .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok())
                .unwrap_or(place);
            let given = statement.values.get(number.saturating_sub(1));
            let value: &dyn ToSql = match given {
                Some(Value::Text(text)) => text,
                Some(Value::Int(number)) => number,
                Some(Value::Flag(flag)) => flag,
                None => {
                    return Err(rusqlite::Error::InvalidParameterCount(
                        number,
                        statement.values.len(),
                    )
                    .into());
                }
            };
            prepared.raw_bind_parameter(place, value)?;
        }
        Ok(prepared)
    }
}

impl EmbeddedRow {
    /// A text that may be missing.
    pub(super) fn text(&self, column: &'static str) -> Result<Option<String>> {
        match self.value(column)? {
            Kept::Null => Ok(None),
            Kept::Text(text) => Ok(Some(text.clone())),
            other => Err(unexpected(column, other, "a text")),
        }
    }

    /// A whole number that may be missing.
    pub(super) fn int(&self, column: &'static str) -> Result<Option<i64>> {
        match self.value(column)? {
            Kept::Null => Ok(None),
            Kept::Integer(number) => Ok(Some(*number)),
            other => Err(unexpected(column, other, "a whole number")),
        }
    }

    /// True or false.
    pub(super) fn flag(&self, column: &'static str) -> Result<bool> {
        match self.value(column)? {
            Kept::Integer(number) => Ok(*number != 0),
            other => Err(unexpected(column, other, "true or false")),
        }
    }

    fn value(&self, column: &'static str) -> Result<&Kept> {
        let mut named = self.columns.iter().zip(&self.values);
        named
            .find_map(|(name, value)| (**name == *column).then_some(value))
            .ok_or_else(|| Error::Corrupt {
                column,
                reason: "the answer has no such column".to_owned(),
            })
    }
}

fn unexpected(column: &'static str, found: &Kept, expected: &str) -> Error {
    Error::Corrupt {
        column,
        reason: format!("{} stands where {expected} should", found.data_type()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::sql;

    fn with_table(folder: &Path) -> Embedded {
        let path = folder.join("some.db");
        Connection::open(&path).unwrap();
        let database = Embedded::open(&path, Access::Write).unwrap();
        database
            .control("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, good BOOLEAN)")
            .unwrap();
        database
    }

    #[test]
    fn what_was_written_is_read_with_its_type() {
        let folder = tempfile::tempdir().unwrap();
        let database = with_table(folder.path());
        let add = sql!(
            "INSERT INTO things (name, good) VALUES ($1, $2)",
            "nail",
            true
        );
        assert_eq!(database.run(&add).unwrap(), 1);
        let none = sql!(
            "INSERT INTO things (name, good) VALUES ($1, $2)",
            None::<&str>,
            false
        );
        assert_eq!(database.run(&none).unwrap(), 1);
        let every = sql!("SELECT id, name, good FROM things ORDER BY id");
        let rows = database.rows(&every, usize::MAX).unwrap();
        let [first, second] = &rows[..] else {
            panic!("{rows:?}");
        };
        assert_eq!(first.int("id").unwrap(), Some(1));
        assert_eq!(first.text("name").unwrap().as_deref(), Some("nail"));
        assert!(first.flag("good").unwrap());
        assert_eq!(second.text("name").unwrap(), None);
        assert!(!second.flag("good").unwrap());
        assert_eq!(database.rows(&every, 1).unwrap().len(), 1);
        let more = sql!("UPDATE things SET good = $1 WHERE id > $2", true, 0_i64);
        assert_eq!(database.run(&more).unwrap(), 2);
    }

    #[test]
    fn values_go_where_their_number_stands() {
        let folder = tempfile::tempdir().unwrap();
        let database = with_table(folder.path());
        let swapped = sql!(
            "SELECT $2 AS second, $1 AS first, $2 AS again",
            "one",
            "two"
        );
        let rows = database.rows(&swapped, 1).unwrap();
        assert_eq!(rows[0].text("first").unwrap().as_deref(), Some("one"));
        assert_eq!(rows[0].text("second").unwrap().as_deref(), Some("two"));
        assert_eq!(rows[0].text("again").unwrap().as_deref(), Some("two"));
        let too_few = sql!("SELECT $1 AS first, $2 AS second", "one");
        assert!(matches!(
            database.rows(&too_few, 1),
            Err(Error::Embedded(_))
        ));
    }

    #[test]
    fn a_value_of_another_type_is_told_and_not_bent() {
        let folder = tempfile::tempdir().unwrap();
        let database = with_table(folder.path());
        let odd = sql!("SELECT 'seven' AS count, 7 AS name, NULL AS good");
        let rows = database.rows(&odd, 1).unwrap();
        for error in [
            rows[0].int("count").unwrap_err(),
            rows[0].text("name").unwrap_err(),
            rows[0].flag("good").unwrap_err(),
            rows[0].text("nothing").unwrap_err(),
        ] {
            assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
        }
    }

    #[test]
    fn one_that_only_reads_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(with_table(folder.path()));
        let reader = Embedded::open(&folder.path().join("some.db"), Access::Read).unwrap();
        let add = sql!("INSERT INTO things (name) VALUES ($1)", "nail");
        assert!(matches!(reader.run(&add), Err(Error::Embedded(_))));
        let missing = Embedded::open(&folder.path().join("none.db"), Access::Write);
        assert!(missing.is_err(), "nothing is made by opening");
    }
}
