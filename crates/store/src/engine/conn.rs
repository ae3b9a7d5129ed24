//! One connection of either engine.

use lifecycle::lease::LeaseTerms;
use sqlx::{
    Connection as _, Postgres,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::Query,
};

use super::{
    embedded::{Embedded, EmbeddedRow},
    error::is_stale_plan,
    readers::Reader,
    row::Row,
    statement::{Statement, Value},
};
use crate::{Error, Result};

/// A connection; whatever transaction is open on it ends with it.
#[derive(Debug)]
pub(crate) struct Conn {
    link: Link,
    terms: LeaseTerms,
    in_transaction: bool,
    /// What it has prepared is out of date: nobody else gets it.
    is_stale: bool,
    /// It has begun to show one moment, and nothing of it was seen yet.
    is_fresh_snapshot: bool,
}

#[derive(Debug)]
enum Link {
    /// The one connection that writes to the embedded database.
    Writer(Embedded),
    /// One of those that only read it.
    Reader(Reader),
    /// One to PostgreSQL.
    Postgres(PoolConnection<Postgres>),
}

impl Conn {
    pub(super) const fn writer(connection: Embedded, terms: LeaseTerms) -> Self {
        Self::over(Link::Writer(connection), terms)
    }

    pub(super) fn reader(connection: Reader, terms: LeaseTerms) -> Self {
        Self::over(Link::Reader(connection), terms)
    }

    pub(super) fn postgres(connection: PoolConnection<Postgres>, terms: LeaseTerms) -> Self {
        Self::over(Link::Postgres(connection), terms)
    }

    const fn over(link: Link, terms: LeaseTerms) -> Self {
        Self {
            link,
            terms,
            in_transaction: false,
            is_stale: false,
            is_fresh_snapshot: false,
        }
    }

    /// For how long silence of runners is borne.
    pub(crate) const fn terms(&self) -> LeaseTerms {
        self.terms
    }

    /// Whether others may write at the same time; the embedded database has one writer.
    pub(crate) const fn has_rivals(&self) -> bool {
        matches!(self.link, Link::Postgres(_))
    }

    /// Runs a statement; says how many rows it changed.
    pub(crate) async fn run(&mut self, statement: Statement) -> Result<u64> {
        check(&statement)?;
        Ok(match &mut self.link {
            Link::Writer(link) => link.run(&statement)?,
            Link::Reader(link) => link.ask(&statement, |link| link.run(&statement))?,
            Link::Postgres(link) => {
                let done = post(statement).execute(&mut **link).await;
                self.judged(done)?.rows_affected()
            }
        })
    }

    /// Every row of the answer.
    pub(crate) async fn all(&mut self, statement: Statement) -> Result<Vec<Row>> {
        check(&statement)?;
        Ok(match &mut self.link {
            Link::Writer(link) => embedded_rows(link.rows(&statement, usize::MAX)?),
            Link::Reader(link) => {
                let rows = link.ask(&statement, |link| link.rows(&statement, usize::MAX));
                embedded_rows(rows?)
            }
            Link::Postgres(_) => {
                let rows = self.postgres_rows(statement).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row of the answer, if there is one.
    pub(crate) async fn one(&mut self, statement: Statement) -> Result<Option<Row>> {
        check(&statement)?;
        Ok(match &mut self.link {
            Link::Writer(link) => embedded_rows(link.rows(&statement, 1)?).pop(),
            Link::Reader(link) => {
                let rows = link.ask(&statement, |link| link.rows(&statement, 1));
                embedded_rows(rows?).pop()
            }
            Link::Postgres(_) => {
                let rows = self.postgres_rows(statement).await?;
                rows.into_iter().next().map(Row::Postgres)
            }
        })
    }

    /// A statement that only reads is run once more when what was prepared for it is out
    /// of date; within a transaction, whoever began that does it again.
    async fn postgres_rows(&mut self, statement: Statement) -> Result<Vec<PgRow>> {
        let is_fresh = std::mem::take(&mut self.is_fresh_snapshot);
        let again = (!self.in_transaction || is_fresh).then(|| statement.clone());
        let rows = self.try_postgres_rows(statement).await;
        match (self.judged(rows), again) {
            (Err(error), Some(again)) if is_stale_plan(&error) => {
                if is_fresh {
                    self.rollback().await?;
                }
                if let Link::Postgres(link) = &mut self.link {
                    link.clear_cached_statements().await?;
                }
                self.is_stale = false;
                if is_fresh {
                    self.begin_snapshot().await?;
                    self.is_fresh_snapshot = false;
                }
                Ok(self.try_postgres_rows(again).await?)
            }
            (rows, _) => rows,
        }
    }

    async fn try_postgres_rows(&mut self, statement: Statement) -> sqlx::Result<Vec<PgRow>> {
        match &mut self.link {
            Link::Postgres(link) => post(statement).fetch_all(&mut **link).await,
            Link::Writer(_) | Link::Reader(_) => Ok(Vec::new()),
        }
    }

    /// Notes when what this connection has prepared is out of date.
    fn judged<T>(&mut self, result: sqlx::Result<T>) -> Result<T> {
        let result = result.map_err(Error::from);
        if result.as_ref().is_err_and(is_stale_plan) && self.in_transaction {
            self.is_stale = true;
        }
        result
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin(&mut self) -> Result<()> {
        let begin = match self.link {
            // Reading first and writing later would fail at once when somebody wrote in between.
            Link::Writer(_) | Link::Reader(_) => "BEGIN IMMEDIATE",
            Link::Postgres(_) => "BEGIN",
        };
        self.control(begin).await?;
        self.in_transaction = true;
        Ok(())
    }

    /// Begins a transaction that only reads, at one moment.
    pub(super) async fn begin_snapshot(&mut self) -> Result<()> {
        let begin = match self.link {
            Link::Writer(_) | Link::Reader(_) => "BEGIN",
            Link::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.in_transaction = true;
        self.is_fresh_snapshot = true;
        self.control(begin).await
    }

    /// Ends a transaction that only read, so that the connection can be used again.
    pub(crate) async fn end_snapshot(mut self) -> Result<()> {
        self.commit().await
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
        self.control("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    pub(super) async fn rollback(&mut self) -> Result<()> {
        self.control("ROLLBACK").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Runs a word that steers transactions.
    pub(super) async fn control(&mut self, word: &'static str) -> Result<()> {
        match &mut self.link {
            Link::Writer(link) => link.control(word)?,
            Link::Reader(link) => link.steer(word)?,
            Link::Postgres(link) => sqlx::raw_sql(word).execute(&mut **link).await.map(drop)?,
        }
        Ok(())
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        if !self.in_transaction && !self.is_stale {
            return;
        }
        // Whoever held it was dropped in the middle: nobody else may come into its transaction.
        match &mut self.link {
            Link::Writer(_) => {}
            Link::Reader(link) => link.discard(),
            Link::Postgres(link) => link.close_on_drop(),
        }
    }
}

/// PostgreSQL cannot keep the character NUL in a text; both engines refuse it alike.
fn check(statement: &Statement) -> Result<()> {
    #[cfg(test)]
    super::recorded::note(statement);
    let has_nul = statement.values.iter().any(|value| match value {
        Value::Text(Some(text)) => text.contains('\0'),
        Value::Text(None) | Value::Int(_) | Value::Flag(_) => false,
    });
    if has_nul {
        Err(Error::NulInText)
    } else {
        Ok(())
    }
}

fn post(statement: Statement) -> Query<'static, Postgres, PgArguments> {
    let mut query = sqlx::query(statement.postgres);
    for value in statement.values {
        query = match value {
            Value::Text(text) => query.bind(text),
            Value::Int(number) => query.bind(number),
            Value::Flag(flag) => query.bind(flag),
        };
    }
    query
}

fn embedded_rows(rows: Vec<EmbeddedRow>) -> Vec<Row> {
    rows.into_iter().map(Row::Sqlite).collect()
}
