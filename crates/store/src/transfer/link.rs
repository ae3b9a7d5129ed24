//! A connection of one's own to either engine, for statements that are made at run time.

use std::str::FromStr as _;

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _, SqliteConnection,
    postgres::{PgConnectOptions, PgRow},
    sqlite::{SqliteConnectOptions, SqliteRow},
};

use super::tables::Table;
use crate::{Error, Options, Result};

/// A connection; what is open on it ends with it.
#[derive(Debug)]
pub(super) enum Link {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

/// A column, as rows list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Flag,
}

impl Link {
    /// Connects to a database that exists.
    pub(super) async fn open(options: &Options) -> Result<Self> {
        Ok(match options {
            Options::Sqlite { path } => Self::Sqlite(Box::new(
                SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(false)
                    .foreign_keys(true)
                    .busy_timeout(std::time::Duration::from_secs(30))
                    .disable_statement_logging()
                    .connect()
                    .await?,
            )),
            Options::Postgres { url } => Self::Postgres(Box::new(
                PgConnectOptions::from_str(url)
                    .map_err(|error| Error::Address(error.to_string()))?
                    .application_name("coord transfer")
                    .disable_statement_logging()
                    .connect()
                    .await?,
            )),
        })
    }

    pub(super) const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs a statement without values.
    pub(super) async fn run(&mut self, text: String) -> Result<()> {
        match self {
            Self::Sqlite(link) => {
                sqlx::raw_sql(AssertSqlSafe(text))
                    .execute(&mut **link)
                    .await?;
            }
            Self::Postgres(link) => {
                sqlx::raw_sql(AssertSqlSafe(text))
                    .execute(&mut **link)
                    .await?;
            }
        }
        Ok(())
    }

    /// Runs a statement with one text.
    pub(super) async fn run_with(&mut self, text: String, value: String) -> Result<()> {
        match self {
            Self::Sqlite(link) => {
                sqlx::query(AssertSqlSafe(text))
                    .bind(value)
                    .execute(&mut **link)
                    .await?;
            }
            Self::Postgres(link) => {
                sqlx::query(AssertSqlSafe(text))
                    .bind(value)
                    .execute(&mut **link)
                    .await?;
            }
        }
        Ok(())
    }

    /// The texts of the first column.
    pub(super) async fn texts(&mut self, text: String) -> Result<Vec<String>> {
        let rows = self.rows(text, Vec::new()).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// The only number of the first row.
    pub(super) async fn number(&mut self, text: String) -> Result<Option<i64>> {
        let rows = self.rows(text, Vec::new()).await?;
        rows.first().map_or(Ok(None), |row| row.int(0))
    }

    /// The rows of an answer, with texts or numbers for `$1`, `$2`, ….
    pub(super) async fn rows(
        &mut self,
        text: String,
        values: Vec<KeyValue>,
    ) -> Result<Vec<AnyRow>> {
        Ok(match self {
            Self::Sqlite(link) => {
                let mut query = sqlx::query(AssertSqlSafe(text));
                for value in values {
                    query = match value {
                        KeyValue::Text(text) => query.bind(text),
                        KeyValue::Int(number) => query.bind(number),
                    };
                }
                let rows = query.fetch_all(&mut **link).await?;
                rows.into_iter().map(AnyRow::Sqlite).collect()
            }
            Self::Postgres(link) => {
                let mut query = sqlx::query(AssertSqlSafe(text));
                for value in values {
                    query = match value {
                        KeyValue::Text(text) => query.bind(text),
                        KeyValue::Int(number) => query.bind(number),
                    };
                }
                let rows = query.fetch_all(&mut **link).await?;
                rows.into_iter().map(AnyRow::Postgres).collect()
            }
        })
    }

    /// The columns of a table, by name.
    pub(super) async fn columns(&mut self, table: Table) -> Result<Vec<Column>> {
        let text = if self.is_postgres() {
            format!(
                "SELECT column_name::text, data_type::text FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = '{}'",
                table.name
            )
        } else {
            format!("SELECT name, type FROM pragma_table_info('{}')", table.name)
        };
        let mut columns = Vec::new();
        for row in self.rows(text, Vec::new()).await? {
            let kind = match row.text(1)?.to_ascii_lowercase().as_str() {
                "text" => Kind::Text,
                "bigint" => Kind::Int,
                "boolean" => Kind::Flag,
                other => {
                    return Err(Error::Corrupt {
                        column: "type",
                        reason: format!("`{other}` in {} is not a known type", table.name),
                    });
                }
            };
            columns.push(Column {
                name: row.text(0)?,
                kind,
            });
        }
        columns.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(columns)
    }

    /// The newest step of the database's structure; none when it has none.
    pub(super) async fn version(&mut self) -> Result<Option<i64>> {
        let there = if self.is_postgres() {
            "SELECT table_name::text FROM information_schema.tables
             WHERE table_schema = 'public' AND table_name = '_sqlx_migrations'"
        } else {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'"
        };
        if self.texts(there.to_owned()).await?.is_empty() {
            return Ok(None);
        }
        self.number("SELECT MAX(version) FROM _sqlx_migrations WHERE success".to_owned())
            .await
    }

    pub(super) async fn close(self) {
        let closed = match self {
            Self::Sqlite(link) => link.close().await,
            Self::Postgres(link) => link.close().await,
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "a connection did not end well");
        }
    }
}

/// A part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyValue {
    Text(String),
    Int(i64),
}

/// A row of either engine, read by place.
pub(super) enum AnyRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl AnyRow {
    pub(super) fn text(&self, place: usize) -> Result<String> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(place)?,
            Self::Postgres(row) => row.try_get(place)?,
        })
    }

    pub(super) fn int(&self, place: usize) -> Result<Option<i64>> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(place)?,
            Self::Postgres(row) => row.try_get(place)?,
        })
    }

    /// A value as JSON.
    pub(super) fn json(&self, place: usize, kind: Kind) -> Result<serde_json::Value> {
        Ok(match kind {
            Kind::Text => self.text_option(place)?.into(),
            Kind::Int => self.int(place)?.into(),
            Kind::Flag => match self {
                Self::Sqlite(row) => row.try_get::<Option<bool>, _>(place)?.into(),
                Self::Postgres(row) => row.try_get::<Option<bool>, _>(place)?.into(),
            },
        })
    }

    /// A value of a key.
    pub(super) fn key(&self, place: usize, kind: Kind) -> Result<KeyValue> {
        Ok(match kind {
            Kind::Text => KeyValue::Text(self.text(place)?),
            Kind::Int | Kind::Flag => KeyValue::Int(self.int(place)?.unwrap_or_default()),
        })
    }

    fn text_option(&self, place: usize) -> Result<Option<String>> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(place)?,
            Self::Postgres(row) => row.try_get(place)?,
        })
    }
}
