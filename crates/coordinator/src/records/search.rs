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
    matches: Vec<Box<RawValue>>,
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
    let mut found = Matches {
        matches: Vec::new(),
        reached: after,
        last: after,
        complete: false,
    };
    while found.reached < after.saturating_add(ENTRIES_MAX) {
        let Some(page) = log::entries(app, id, found.reached, ENTRIES_AT_ONCE).await? else {
            return Ok(None);
        };
        (found.last, found.complete) = (page.last, page.ended);
        if page.json.is_empty() {
            break;
        }
        for json in page.json {
            let entry: Searched<'_> = serde_json::from_str(&json)?;
            found.reached = entry.n;
            if entry.text.to_lowercase().contains(&words) {
                found.matches.push(RawValue::from_string(json)?);
            }
            if found.matches.len() >= limit {
                return Ok(Some(found));
            }
        }
    }
    Ok(Some(found))
}
