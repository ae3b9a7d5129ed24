//! Rows, read by column name into the product's types.

use std::{fmt::Display, str::FromStr};

use protocol::{job::Priority, time::Timestamp};
use serde::de::DeserializeOwned;
use sqlx::{Row as _, postgres::PgRow};

use super::embedded::EmbeddedRow;
use crate::{Error, Result};

/// One row of an answer.
pub(crate) enum Row {
    /// Of the embedded database.
    Sqlite(EmbeddedRow),
    /// Of PostgreSQL.
    Postgres(PgRow),
}

impl Row {
    /// A text that may be missing.
    pub(crate) fn text_option(&self, column: &'static str) -> Result<Option<String>> {
        Ok(match self {
            Self::Sqlite(row) => row.text(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// A whole number that may be missing.
    pub(crate) fn int_option(&self, column: &'static str) -> Result<Option<i64>> {
        Ok(match self {
            Self::Sqlite(row) => row.int(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// True or false.
    pub(crate) fn flag(&self, column: &'static str) -> Result<bool> {
        Ok(match self {
            Self::Sqlite(row) => row.flag(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// A text.
    pub(crate) fn text(&self, column: &'static str) -> Result<String> {
        self.text_option(column)?.ok_or_else(|| missing(column))
    }

    /// A whole number that is never negative.
    pub(crate) fn count(&self, column: &'static str) -> Result<u64> {
        let number = self.int_option(column)?.ok_or_else(|| missing(column))?;
        u64::try_from(number).map_err(|error| unreadable(column, &error))
    }

    /// A small whole number that is never negative.
    pub(crate) fn small(&self, column: &'static str) -> Result<u32> {
        u32::try_from(self.count(column)?).map_err(|error| unreadable(column, &error))
    }

    /// A small whole number that may be missing.
    pub(crate) fn small_option(&self, column: &'static str) -> Result<Option<u32>> {
        self.int_option(column)?
            .map(|number| u32::try_from(number).map_err(|error| unreadable(column, &error)))
            .transpose()
    }

    /// How soon a job is taken.
    pub(crate) fn priority(&self, column: &'static str) -> Result<Priority> {
        match self.count(column)? {
            0 => Ok(Priority::Low),
            1 => Ok(Priority::Normal),
            2 => Ok(Priority::High),
            3 => Ok(Priority::Urgent),
            other => Err(unreadable(column, &format!("{other} is not a priority"))),
        }
    }

    /// A moment.
    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp> {
        self.time_option(column)?.ok_or_else(|| missing(column))
    }

    /// A moment that may be missing.
    pub(crate) fn time_option(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.int_option(column)?.map(Timestamp))
    }

    /// An id, or anything else that reads itself from a text.
    pub(crate) fn parsed<T>(&self, column: &'static str) -> Result<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.text(column)?
            .parse()
            .map_err(|error| unreadable(column, &error))
    }

    /// An id that may be missing.
    pub(crate) fn parsed_option<T>(&self, column: &'static str) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.text_option(column)?
            .map(|text| text.parse().map_err(|error| unreadable(column, &error)))
            .transpose()
    }

    /// A value kept as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(|error| unreadable(column, &error))
    }

    /// A value kept as JSON that may be missing.
    pub(crate) fn json_option<T: DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>> {
        self.text_option(column)?
            .map(|text| serde_json::from_str(&text).map_err(|error| unreadable(column, &error)))
            .transpose()
    }

    /// A word of an enumeration that is written as a JSON string elsewhere.
    pub(crate) fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        serde_json::from_value(serde_json::Value::String(self.text(column)?))
            .map_err(|error| unreadable(column, &error))
    }

    /// A word that may be missing.
    pub(crate) fn word_option<T: DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>> {
        self.text_option(column)?
            .map(|text| {
                serde_json::from_value(serde_json::Value::String(text))
                    .map_err(|error| unreadable(column, &error))
            })
            .transpose()
    }
}

fn missing(column: &'static str) -> Error {
    Error::Corrupt {
        column,
        reason: "it is missing".to_owned(),
    }
}

fn unreadable(column: &'static str, error: &dyn Display) -> Error {
    Error::Corrupt {
        column,
        reason: error.to_string(),
    }
}
