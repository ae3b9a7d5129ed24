//! Writing everything into an empty database, or nothing.

use super::{
    Source, TableDigest, TransferError,
    link::{Column, Kind, Link},
    tables,
};
use crate::{
    Options,
    engine::{bring_to_step, newest_step},
};

/// An empty database that takes everything in one transaction.
#[derive(Debug)]
pub struct Target {
    options: Options,
    /// The same connection reads back what it wrote, before that counts.
    inner: Source,
    insert: String,
}

impl Target {
    /// Opens an empty database, and gives it the structure of step `version`.
    pub async fn open(options: &Options, version: i64) -> Result<Self, TransferError> {
        let known = newest_step()?;
        if version > known {
            return Err(TransferError::Newer {
                found: version,
                known,
            });
        }
        bring_to_step(options, version).await?;
        let mut link = Link::open(options).await?;
        let begin = if link.is_postgres() {
            "BEGIN; SET LOCAL statement_timeout = 0"
        } else {
            "BEGIN IMMEDIATE"
        };
        link.run(begin.to_owned()).await?;
        let mut inner = Source::over(link, version);
        if let Some(table) = inner.first_with_rows().await? {
            return Err(TransferError::NotEmpty {
                table: table.to_owned(),
            });
        }
        Ok(Self {
            options: options.clone(),
            inner,
            insert: String::new(),
        })
    }

    /// Begins to fill a table, whose rows list these columns.
    pub async fn begin(&mut self, name: &str, columns: &[String]) -> Result<(), TransferError> {
        let version = self.inner.version();
        let other = || TransferError::OtherStructure {
            table: name.to_owned(),
            version,
        };
        let table = tables::of_name(name).ok_or_else(other)?;
        let link = self.inner.link();
        let here = link.columns(table).await?;
        if !here.iter().map(|column| &column.name).eq(columns) {
            return Err(other());
        }
        self.insert = insert(name, &here, link.is_postgres());
        Ok(())
    }

    /// Adds rows to the table.
    pub async fn insert(&mut self, rows: &[String]) -> Result<(), TransferError> {
        let list = format!("[{}]", rows.join(","));
        let insert = self.insert.clone();
        Ok(self.inner.link().run_with(insert, list).await?)
    }

    /// Reads everything back, keeps it when it is what was to be written, and brings
    /// the structure up to date.
    pub async fn finish(mut self, expected: &[TableDigest]) -> Result<(), TransferError> {
        for table in expected {
            let found = self.inner.digest_of(&table.name).await?;
            if found != *table {
                return Err(TransferError::Differs {
                    table: table.name.clone(),
                    expected: table.rows,
                    found: found.rows,
                });
            }
        }
        self.inner.link().run("COMMIT".to_owned()).await?;
        self.inner.close().await;
        bring_to_step(&self.options, newest_step()?).await?;
        Ok(())
    }
}

/// Adds the rows of one JSON list.
fn insert(table: &str, columns: &[Column], is_postgres: bool) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| match (is_postgres, column.kind) {
            (false, _) => format!("json_extract(value, '$[{place}]')"),
            (true, Kind::Text) => format!("value ->> {place}"),
            (true, Kind::Int) => format!("CAST(value ->> {place} AS BIGINT)"),
            (true, Kind::Flag) => format!("CAST(value ->> {place} AS BOOLEAN)"),
        })
        .collect();
    let rows = if is_postgres {
        "json_array_elements(CAST($1 AS json)) AS rows (value)"
    } else {
        "json_each($1)"
    };
    format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {rows}",
        names.join(", "),
        values.join(", ")
    )
}
