//! Answers that are kept with a tag, and not sent to whoever has them already.

use axum::{
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
            VARY,
        },
    },
    response::{IntoResponse as _, Response},
};

use crate::fleet::ListAnswer;

/// The list as it is kept, or a word that the caller has it already.
pub(super) fn answer(answer: &ListAnswer, asked: &HeaderMap) -> Response {
    let known = words(asked, &IF_NONE_MATCH).any(|tag| tag == answer.tag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let zipped = words(asked, &ACCEPT_ENCODING).any(|coding| coding == "gzip");
        let body = if zipped { &answer.gzip } else { &answer.plain };
        let mut response = body.clone().into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(CONTENT_TYPE, json);
        if zipped {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&answer.tag) {
        headers.insert(ETAG, tag);
    }
    // Kept by the reader's own browser alone, which asks each time whether it is still so.
    let private = HeaderValue::from_static("private, no-cache");
    headers.insert(CACHE_CONTROL, private);
    headers.insert(
        VARY,
        HeaderValue::from_static("accept-encoding, cookie, authorization"),
    );
    response
}

/// The words of a header that lists several; a weight of nothing takes one out.
fn words<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|word| match word.trim().split_once(";q=") {
            None => Some(word.trim()),
            Some((word, weight)) => {
                let wanted = weight
                    .trim()
                    .parse::<f32>()
                    .is_ok_and(|weight| weight > 0.0);
                wanted.then_some(word.trim())
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        words(&headers, &ACCEPT_ENCODING).any(|word| word == "gzip")
    }

    #[test]
    fn what_a_reader_does_not_accept_is_not_sent() {
        assert!(accepted("gzip, deflate, br"));
        assert!(accepted("br;q=1.0, gzip;q=0.8"));
        assert!(!accepted("gzip;q=0, br"));
        assert!(!accepted("identity"));
        assert!(!accepted("xgzip"));
    }
}
