//! Looking for words in a log, without loading it whole.

use std::borrow::Cow;

use protocol::ids::AttemptId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::log::{self, Unreadable};
use crate::app::App;

/// How many entries are read at once.
const ENTRIES_AT_ONCE: u32 = 1000;
/// How many entries one search reads; the next one goes on where it ended.
const ENTRIES_MAX: u64 = 50_000;

/// What was found; entries go out as they came in.
#[derive(Debug, Serialize)]
pub(crate) struct Matches {
    #[serde(rename = "matches")]
    found: Vec<Box<RawValue>>,
    reached: u64,
    last: u64,
    complete: bool,
}

/// What of an entry is searched.
#[derive(Deserialize)]
struct Searched<'a> {
    n: u64,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// Entries after number `after` whose text holds `words`, in any case; none when there is
/// no such attempt.
pub(crate) async fn search(
    app: &App,
    id: AttemptId,
    words: &str,
    after: u64,
    limit: usize,
) -> Result<Option<Matches>, Unreadable> {
    let words = words.to_lowercase();
    let mut answer = Matches {
        found: Vec::new(),
        reached: after,
        last: after,
        complete: false,
    };
    while answer.reached < after.saturating_add(ENTRIES_MAX) {
        let Some(page) = log::entries(app, id, answer.reached, ENTRIES_AT_ONCE).await? else {
            return Ok(None);
        };
        (answer.last, answer.complete) = (page.last, page.ended);
        if page.json.is_empty() {
            break;
        }
        for json in page.json {
            let entry: Searched<'_> = serde_json::from_str(&json)?;
            answer.reached = entry.n;
            if entry.text.to_lowercase().contains(&words) {
                answer.found.push(RawValue::from_string(json)?);
            }
            if answer.found.len() >= limit {
                return Ok(Some(answer));
            }
        }
    }
    Ok(Some(answer))
}
