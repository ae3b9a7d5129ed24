//! SQL with its values.

use protocol::{
    agent::AgentName,
    ids::{
        AccountId, ApiTokenId, ApprovalId, ArtifactId, AttachmentId, AttemptId, AuditId, BootId,
        GrantId, InstallationId, InvitationId, JobId, NotificationId, OrderId, QuestionId,
        RunnerId, SessionId, SetupTokenId, WorkspaceId,
    },
    job::{JobState, OutcomeKind, Phase, Priority},
    time::Timestamp,
};

/// A value of one of the types that both engines keep in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A text, or none.
    Text(Option<String>),
    /// A whole number, or none.
    Int(Option<i64>),
    /// True or false.
    Flag(bool),
}

/// One statement, in the words of both engines, with its values.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// For the embedded database.
    pub(crate) sqlite: &'static str,
    /// For PostgreSQL.
    pub(crate) postgres: &'static str,
    /// For `$1`, `$2`, …
    pub(crate) values: Vec<Value>,
}

/// A statement with the same words on both engines: `sql!("… $1 …", value)`.
macro_rules! sql {
    ($text:expr $(, $value:expr)* $(,)?) => {
        $crate::engine::Statement {
            sqlite: $text,
            postgres: $text,
            values: vec![$($crate::engine::Value::from($value)),*],
        }
    };
}

/// A statement that reads rows in order to change them: PostgreSQL locks them,
/// the embedded database has one writer anyway.
///
/// Rows that refer to them may be written meanwhile. PostgreSQL looks at a row's
/// references whenever a transaction changes it a second time, so a stronger lock
/// here would let two transactions wait for each other that never touch the same row.
macro_rules! sql_for_update {
    ($text:expr $(, $value:expr)* $(,)?) => {
        $crate::engine::Statement {
            sqlite: $text,
            postgres: concat!($text, " FOR NO KEY UPDATE"),
            values: vec![$($crate::engine::Value::from($value)),*],
        }
    };
}

/// As [`sql_for_update`], for rows to which nothing may be added either, since they are
/// about to be deleted or what refers to them was counted.
macro_rules! sql_for_delete {
    ($text:expr $(, $value:expr)* $(,)?) => {
        $crate::engine::Statement {
            sqlite: $text,
            postgres: concat!($text, " FOR UPDATE"),
            values: vec![$($crate::engine::Value::from($value)),*],
        }
    };
}

/// A statement with words of its own for each engine.
macro_rules! sql_pair {
    (sqlite: $sqlite:expr, postgres: $postgres:expr $(, $value:expr)* $(,)?) => {
        $crate::engine::Statement {
            sqlite: $sqlite,
            postgres: $postgres,
            values: vec![$($crate::engine::Value::from($value)),*],
        }
    };
}

pub(crate) use {sql, sql_for_delete, sql_for_update, sql_pair};

impl Value {
    /// The JSON of a value, as text.
    pub(crate) fn json(value: &impl serde::Serialize) -> Self {
        // Only a map with keys that are no texts has no JSON, and none is kept.
        Self::Text(serde_json::to_string(value).ok())
    }

    /// The word of an enumeration, as it stands in JSON.
    pub(crate) fn word(value: &impl serde::Serialize) -> Self {
        let json = serde_json::to_value(value).ok();
        Self::Text(json.and_then(|json| json.as_str().map(str::to_owned)))
    }

    /// The JSON of a value, or none.
    pub(crate) fn json_option(value: Option<&impl serde::Serialize>) -> Self {
        value.map_or(Self::Text(None), Self::json)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(Some(i64::from(number)))
    }
}

impl From<u64> for Value {
    /// A number past the largest that can be kept is kept as that one.
    fn from(number: u64) -> Self {
        Self::Int(Some(i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Self {
        Self::Int(Some(moment.0))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(moment: Option<Timestamp>) -> Self {
        Self::Int(moment.map(|moment| moment.0))
    }
}

impl From<Option<u32>> for Value {
    fn from(number: Option<u32>) -> Self {
        Self::Int(number.map(i64::from))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<Priority> for Value {
    /// As a number, so that a higher one sorts later; `Row::priority` reads it.
    fn from(priority: Priority) -> Self {
        Self::from(match priority {
            Priority::Low => 0_i64,
            Priority::Normal => 1,
            Priority::High => 2,
            Priority::Urgent => 3,
        })
    }
}

impl From<Option<&AgentName>> for Value {
    fn from(agent: Option<&AgentName>) -> Self {
        Self::Text(agent.map(|agent| agent.0.clone()))
    }
}

macro_rules! words {
    ($($name:ty),* $(,)?) => {$(
        impl From<$name> for Value {
            fn from(word: $name) -> Self {
                Self::Text(Some(word.as_str().to_owned()))
            }
        }
    )*};
}

words!(JobState, Phase, OutcomeKind);

macro_rules! ids {
    ($($name:ty),* $(,)?) => {$(
        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Text(Some(id.to_string()))
            }
        }

        impl From<Option<$name>> for Value {
            fn from(id: Option<$name>) -> Self {
                Self::Text(id.map(|id| id.to_string()))
            }
        }
    )*};
}

ids!(
    AccountId,
    ApiTokenId,
    ApprovalId,
    ArtifactId,
    AttachmentId,
    AttemptId,
    AuditId,
    BootId,
    GrantId,
    InstallationId,
    InvitationId,
    JobId,
    NotificationId,
    OrderId,
    QuestionId,
    RunnerId,
    SessionId,
    SetupTokenId,
    WorkspaceId,
);
