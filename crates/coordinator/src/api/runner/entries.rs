//! What uploads of events and of log entries have in common.

use axum::Json;
use protocol::{error::ErrorCode, limits::ENTRIES_PER_UPLOAD_MAX, runner::Appended};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use store::Entry;

use crate::{
    body::BodyLimit,
    error::{ApiError, ApiResult},
    refusals::not_yours,
};

/// An upload whose entries keep the text in which they came, also what this version does not know.
#[derive(Debug, Deserialize)]
pub(super) struct Upload {
    /// The claim under which they were written.
    pub(super) fence: u64,
    entries: Vec<Box<RawValue>>,
}

impl BodyLimit for Upload {
    // An approval holds what is asked in full, and so may be long.
    const BYTES_MAX: usize = 16 * 1024 * 1024;
}

impl Upload {
    /// The entries, understood as far as this version does.
    pub(super) fn entries<T: DeserializeOwned>(self) -> ApiResult<Vec<Entry<T>>> {
        if self.entries.len() > ENTRIES_PER_UPLOAD_MAX {
            return Err(ApiError::new(
                ErrorCode::TooLarge,
                format!("The upload has more than {ENTRIES_PER_UPLOAD_MAX} entries."),
            )
            .hint("Send fewer at once."));
        }
        self.entries
            .into_iter()
            .map(|raw| {
                let value = serde_json::from_str(raw.get()).map_err(|error| {
                    ApiError::new(
                        ErrorCode::Invalid,
                        format!("An entry cannot be understood: {error}."),
                    )
                })?;
                let json = String::from(Box::<str>::from(raw));
                Ok(Entry { value, json })
            })
            .collect()
    }
}

/// The answer to an upload, or its refusal.
pub(super) fn answer(appended: store::Appended) -> ApiResult<Json<Appended>> {
    match appended {
        store::Appended::Kept { last, .. } => Ok(Json(Appended { kept: last })),
        store::Appended::Refused(refused) => {
            let mut message = refused.to_string();
            message.push('.');
            Err(ApiError::new(refused.code(), message))
        }
        store::Appended::NotYours => Err(not_yours()),
    }
}
