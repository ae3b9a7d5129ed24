//! The record of an attempt, as people read it: pages of entries, the log as plain text, and what is found in it.

mod log;
mod search;
mod text;

use protocol::ids::JobId;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Attempt, Entries};

use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
    jobs,
};

pub(crate) use log::{Unreadable, digest as log_digest, entries as log_entries};
pub(crate) use search::{Matches, search};
pub(crate) use text::plain_text;

/// A page of either stream; entries go out as they came in, also those of a newer version.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    entries: Vec<Box<RawValue>>,
    last: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
}

impl Page {
    /// A page of events.
    pub(crate) fn of_events(entries: Entries) -> ApiResult<Self> {
        Ok(Self {
            complete: None,
            ..Self::of_log(entries)?
        })
    }

    /// A page of log entries.
    pub(crate) fn of_log(entries: Entries) -> ApiResult<Self> {
        Ok(Self {
            entries: entries
                .json
                .into_iter()
                .map(RawValue::from_string)
                .collect::<Result<_, _>>()
                .map_err(|error| ApiError::internal(&error))?,
            last: entries.last,
            complete: Some(entries.ended),
        })
    }
}

/// The attempt, if the person may see its job.
pub(crate) async fn find(app: &App, person: &Person, id: JobId, number: u32) -> ApiResult<Attempt> {
    jobs::find(app, person, id).await?;
    app.store
        .attempt_by_number(id, number)
        .await?
        .ok_or_else(|| ApiError::not_found("attempt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_what_this_version_does_not_know() {
        let page = Page::of_events(Entries {
            json: vec![r#"{"n":1,"at":0,"event":{"type":"from_the_future","x":1}}"#.to_owned()],
            last: 1,
            ended: false,
        })
        .unwrap();
        let json = serde_json::to_string(&page).unwrap();
        assert!(json.contains("from_the_future"), "{json}");
    }
}
