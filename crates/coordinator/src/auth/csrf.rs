//! Refuses requests that another site makes a browser send.

use axum::http::{
    HeaderMap, Method,
    header::{AUTHORIZATION, HOST, ORIGIN},
};
use protocol::error::ErrorCode;

use crate::error::{ApiError, ApiResult};

/// Refuses an unsafe request that comes from another site.
///
/// A browser says where a request comes from and pages cannot lie about it;
/// what says nothing is no browser, and carries nobody's cookies by accident.
pub(crate) fn refuse_cross_site(
    method: &Method,
    headers: &HeaderMap,
    public_url: &str,
) -> ApiResult<()> {
    if method.is_safe() || headers.contains_key(AUTHORIZATION) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetched_here = text("sec-fetch-site").map(|site| matches!(site, "same-origin" | "none"));
    let sent_here = text(ORIGIN.as_str()).map(|origin| {
        let same_host = text(HOST.as_str()).is_some_and(|host| host_of(origin) == Some(host));
        same_host || origin == origin_of(public_url)
    });
    if fetched_here.or(sent_here).unwrap_or(true) {
        return Ok(());
    }
    Err(
        ApiError::new(ErrorCode::Forbidden, "The request came from another site.")
            .hint(format!("Open {public_url} itself and try again there.")),
    )
}

/// The host and port of an origin.
fn host_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, host)| host)
}

/// Scheme, host and port of an address.
fn origin_of(url: &str) -> &str {
    let host_from = url.find("://").map_or(0, |at| at + 3);
    let host_to = url[host_from..]
        .find('/')
        .map_or(url.len(), |at| host_from + at);
    &url[..host_to]
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    const PUBLIC: &str = "https://coord.example.com/base";

    fn allowed(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        refuse_cross_site(method, &headers, PUBLIC).is_ok()
    }

    #[test]
    fn only_this_site_may_change_something() {
        let post = |headers: &[_]| allowed(&Method::POST, headers);
        assert!(post(&[("sec-fetch-site", "same-origin")]));
        assert!(!post(&[("sec-fetch-site", "same-site")]));
        assert!(!post(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://coord.example.com")
        ]));
        assert!(post(&[("origin", "https://coord.example.com")]));
        assert!(post(&[
            ("origin", "http://localhost:1"),
            ("host", "localhost:1")
        ]));
        assert!(!post(&[
            ("origin", "http://evil.example"),
            ("host", "localhost:1")
        ]));
        assert!(!post(&[("origin", "null"), ("host", "localhost:1")]));
        assert!(!post(&[(
            "origin",
            "https://coord.example.com.evil.example"
        )]));
    }

    #[test]
    fn programs_tokens_and_reads_are_let_through() {
        assert!(allowed(&Method::POST, &[]));
        assert!(allowed(&Method::GET, &[("sec-fetch-site", "cross-site")]));
        assert!(allowed(
            &Method::POST,
            &[
                ("sec-fetch-site", "cross-site"),
                ("authorization", "Bearer x")
            ]
        ));
    }
}
