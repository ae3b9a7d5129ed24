//! Which jobs a list shows, as its address says it.

use protocol::{error::ErrorCode, ids::JobId, job::JobState};
use store::JobFilter;

use crate::error::{ApiError, ApiResult};

/// How many jobs a page has when nothing is said.
const JOBS_PER_PAGE: u32 = 50;
/// Most jobs of a page.
const JOBS_PER_PAGE_MAX: u32 = 200;
/// Longest text that is searched for.
const SEARCH_CHARS_MAX: usize = 200;

/// Reads `state` (repeated or with commas), `search`, `before`, `offset` and `limit`; others are passed over.
pub(crate) fn filter_of(query: &str) -> ApiResult<JobFilter> {
    let mut filter = JobFilter {
        limit: JOBS_PER_PAGE,
        ..JobFilter::default()
    };
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
        .map_err(|error| invalid(&format!("The query cannot be read: {error}.")))?;
    for (key, value) in pairs {
        match key.as_str() {
            "state" => filter.states.extend(states_of(&value)?),
            "search" => {
                let text: String = value.trim().chars().take(SEARCH_CHARS_MAX).collect();
                filter.search = (!text.is_empty()).then_some(text);
            }
            "before" => filter.before = Some(job_of(&value)?),
            "offset" => filter.offset = Some(offset_of(&value)?),
            "limit" => filter.limit = limit_of(&value)?,
            _ => {}
        }
    }
    Ok(filter)
}

fn states_of(value: &str) -> ApiResult<Vec<JobState>> {
    value
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.parse().map_err(|_| {
                let known: Vec<_> = JobState::ALL.iter().map(|state| state.as_str()).collect();
                invalid(&format!("`{word}` is not a job state."))
                    .hint(format!("Known are: {}.", known.join(", ")))
            })
        })
        .collect()
}

fn job_of(value: &str) -> ApiResult<JobId> {
    value
        .parse()
        .map_err(|_| invalid("`before` is not a job's id.").hint("Use `next` of the page before."))
}

fn offset_of(value: &str) -> ApiResult<u32> {
    value
        .parse()
        .map_err(|_| invalid("`offset` is not a number from 0."))
}

fn limit_of(value: &str) -> ApiResult<u32> {
    match value.parse() {
        Ok(limit @ 1..) => Ok(JOBS_PER_PAGE_MAX.min(limit)),
        Ok(0) | Err(_) => Err(invalid("`limit` is not a number from 1.")),
    }
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_repeated_or_separated_by_commas() {
        let filter =
            filter_of("state=ready,in_progress&state=done&search=%20fix+it&limit=1000").unwrap();
        assert_eq!(
            filter.states,
            [JobState::Ready, JobState::InProgress, JobState::Done]
        );
        assert_eq!(filter.search.as_deref(), Some("fix it"));
        assert_eq!(filter.limit, JOBS_PER_PAGE_MAX);
        let filter = filter_of("").unwrap();
        assert_eq!((filter.limit, filter.offset), (JOBS_PER_PAGE, None));
        assert_eq!(filter_of("offset=150").unwrap().offset, Some(150));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for query in [
            "state=sleeping",
            "before=7",
            "limit=0",
            "limit=x",
            "offset=-1",
        ] {
            assert_eq!(
                filter_of(query).unwrap_err().problem().code,
                ErrorCode::Invalid,
                "{query}"
            );
        }
    }
}
