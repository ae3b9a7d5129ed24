//! Files that attempts hand back: parts by content hash, then a manifest under the fence.
//!
//! A part is checked while it streams in, and counts only once it is whole. The
//! manifest is checked against the parts, and each file of several parts is read
//! once to check its own digest, so that what is downloaded later is what was made.

mod manifest;
mod part;

pub(crate) use manifest::store_manifest;
pub(crate) use part::store_part;

use protocol::ids::{AttemptId, RunnerId};
use store::Attempt;

use crate::{
    app::App,
    error::ApiResult,
    refusals::{fence_moved_on, not_yours},
};

/// The attempt, if it is the runner's own and has not ended.
async fn own_attempt(app: &App, runner_id: RunnerId, id: AttemptId) -> ApiResult<Attempt> {
    let attempt = app.store.attempt(id).await?;
    let attempt = attempt
        .filter(|attempt| attempt.at.runner_id == runner_id)
        .ok_or_else(not_yours)?;
    if attempt.ended_at.is_some() {
        return Err(fence_moved_on());
    }
    Ok(attempt)
}

/// Whether `text` is a SHA-256 as it is written everywhere: 64 lower-case hexadecimal digits.
fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
}
