//! Reading everything at one moment.

use super::{
    TableDigest, Tally, TransferError,
    link::{AnyRow, Column, KeyValue, Kind, Link},
    tables::{self, Table},
};
use crate::{Options, engine::newest_step};

/// Most rows that are read at once.
const ROWS_AT_ONCE: usize = 500;

/// A database that is read at one moment, whatever is written meanwhile.
#[derive(Debug)]
pub struct Source {
    link: Link,
    version: i64,
    reading: Option<Reading>,
}

/// The table that is being read.
#[derive(Debug)]
struct Reading {
    table: Table,
    columns: Vec<Column>,
    after: Option<Vec<KeyValue>>,
    is_over: bool,
}

impl Source {
    /// Opens a database whose structure is the one that this version knows.
    pub async fn open(options: &Options) -> Result<Self, TransferError> {
        if let Options::Sqlite { path } = options
            && !path.exists()
        {
            return Err(TransferError::NothingThere);
        }
        let mut link = Link::open(options).await?;
        let found = link.version().await?.ok_or(TransferError::NothingThere)?;
        let known = newest_step()?;
        if found > known {
            return Err(TransferError::Newer { found, known });
        }
        if found < known {
            return Err(TransferError::Older { found, known });
        }
        let begin = if link.is_postgres() {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
             SET LOCAL statement_timeout = 0;
             SET LOCAL idle_in_transaction_session_timeout = 0"
        } else {
            "PRAGMA query_only = TRUE; BEGIN; SELECT 1 FROM accounts LIMIT 1"
        };
        link.run(begin.to_owned()).await?;
        Ok(Self::over(link, found))
    }

    /// Reads through a connection on which a transaction is open.
    pub(super) const fn over(link: Link, version: i64) -> Self {
        Self {
            link,
            version,
            reading: None,
        }
    }

    pub(super) const fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    /// The first table that is not empty.
    pub(super) async fn first_with_rows(&mut self) -> crate::Result<Option<&'static str>> {
        for table in Self::tables() {
            let text = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT 1) AS one");
            if self.link.number(text).await? != Some(0) {
                return Ok(Some(table));
            }
        }
        Ok(None)
    }

    /// Reads a table whole.
    pub async fn digest_of(&mut self, name: &str) -> Result<TableDigest, TransferError> {
        let columns = self.begin(name).await?;
        let mut tally = Tally::default();
        loop {
            let rows = self.next().await?;
            if rows.is_empty() {
                return Ok(tally.of(name, &columns));
            }
            tally.add(&rows);
        }
    }

    /// The newest step of its structure.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// Every table, in an order in which none refers to a later one.
    pub fn tables() -> impl Iterator<Item = &'static str> {
        tables::ALL.iter().map(|table| table.name)
    }

    /// Begins to read a table; the names of its columns.
    pub async fn begin(&mut self, name: &str) -> Result<Vec<String>, TransferError> {
        let table = tables::of_name(name).ok_or_else(|| TransferError::OtherStructure {
            table: name.to_owned(),
            version: self.version,
        })?;
        let columns = self.link.columns(table).await?;
        if self.link.is_postgres() {
            let list = list_of(&columns);
            let order: Vec<_> = table
                .key
                .iter()
                .map(|key| ordered_by(key, &columns))
                .collect();
            let text = format!(
                "CLOSE ALL; DECLARE all_{0} NO SCROLL CURSOR FOR SELECT {list} FROM {0} ORDER BY {1}",
                table.name,
                order.join(", ")
            );
            self.link.run(text).await?;
        }
        let names = columns.iter().map(|column| column.name.clone()).collect();
        self.reading = Some(Reading {
            table,
            columns,
            after: None,
            is_over: false,
        });
        Ok(names)
    }

    /// The next rows of the table, each a JSON list; none after the last.
    pub async fn next(&mut self) -> Result<Vec<String>, TransferError> {
        let Some(reading) = self.reading.as_mut().filter(|reading| !reading.is_over) else {
            return Ok(Vec::new());
        };
        let rows = if self.link.is_postgres() {
            let text = format!("FETCH {ROWS_AT_ONCE} FROM all_{}", reading.table.name);
            self.link.rows(text, Vec::new()).await?
        } else {
            let (text, values) = reading.page();
            self.link.rows(text, values).await?
        };
        reading.is_over = rows.len() < ROWS_AT_ONCE;
        if let Some(last) = rows.last() {
            reading.after = Some(reading.key_of(last)?);
        }
        Ok(rows
            .iter()
            .map(|row| line_of(row, &reading.columns))
            .collect::<crate::Result<_>>()?)
    }

    /// Lets the database go.
    pub async fn close(self) {
        self.link.close().await;
    }
}

impl Reading {
    /// The next page, by the keys of the last one.
    fn page(&self) -> (String, Vec<KeyValue>) {
        let key = self.table.key.join(", ");
        let list = list_of(&self.columns);
        let after = self.after.clone().unwrap_or_default();
        let places: Vec<_> = (1..=after.len()).map(|n| format!("${n}")).collect();
        let only = if places.is_empty() {
            String::new()
        } else {
            format!("WHERE ({key}) > ({})", places.join(", "))
        };
        let text = format!(
            "SELECT {list} FROM {} {only} ORDER BY {key} LIMIT {ROWS_AT_ONCE}",
            self.table.name
        );
        (text, after)
    }

    fn key_of(&self, row: &AnyRow) -> crate::Result<Vec<KeyValue>> {
        let mut key = Vec::new();
        for name in self.table.key {
            let found = self.columns.iter().position(|column| column.name == *name);
            if let Some(place) = found {
                key.push(row.key(place, self.columns[place].kind)?);
            }
        }
        Ok(key)
    }
}

fn list_of(columns: &[Column]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    names.join(", ")
}

/// By the bytes of a text, as the embedded database does.
fn ordered_by(key: &str, columns: &[Column]) -> String {
    let is_text = columns
        .iter()
        .any(|column| column.name == key && column.kind == Kind::Text);
    if is_text {
        format!("{key} COLLATE \"C\"")
    } else {
        key.to_owned()
    }
}

fn line_of(row: &AnyRow, columns: &[Column]) -> crate::Result<String> {
    let values = columns
        .iter()
        .enumerate()
        .map(|(place, column)| row.json(place, column.kind))
        .collect::<crate::Result<Vec<_>>>()?;
    Ok(serde_json::Value::Array(values).to_string())
}
