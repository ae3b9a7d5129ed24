//! Connections: addresses, limits, and what a broken one means.

use std::{error::Error as _, time::Duration};

use reqwest::Url;

use crate::exit::{Exit, Failure};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest silence while an answer comes.
const READ_TIMEOUT: Duration = Duration::from_secs(45);

/// Reads a coordinator's address.
pub(crate) fn server_url(text: &str) -> Result<Url, Failure> {
    let invalid = |why: String| Failure::new(Exit::Usage, why);
    let address = settings::server::normalize(text).map_err(|error| invalid(error.to_string()))?;
    Url::parse(&address).map_err(|error| invalid(format!("`{text}` is no address: {error}")))
}

/// A client for `server`.
pub(super) fn build(server: &Url) -> Result<reqwest::Client, Failure> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("coord/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    // A proxy cannot reach what listens on this machine only.
    if is_loopback(server) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Failure::plain(format!("connections cannot be made: {}", innermost(&error)))
    })
}

/// The failure of a call that got no answer.
pub(crate) fn unreachable(server: &str, error: &reqwest::Error) -> Failure {
    let why = if error.is_timeout() {
        "it does not answer in time".to_owned()
    } else {
        innermost(error)
    };
    Failure::new(
        Exit::Unreachable,
        format!("the coordinator at {server} cannot be reached: {why}"),
    )
    .hint("Check the address and that the coordinator runs.")
}

/// The last cause in the chain, which says most.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.source().is_none() {
        return error.to_string();
    }
    cause.to_string()
}

fn is_loopback(server: &Url) -> bool {
    server.host_str().is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_a_matter_of_usage() {
        let failure = server_url("ftp://coord.example").unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.contains("ftp://coord.example"));
    }

    #[test]
    fn loopback_is_recognised_in_all_its_forms() {
        for (text, is) in [
            ("http://127.0.0.1:80", true),
            ("http://localhost", true),
            ("http://[::1]:9", true),
            ("https://coord.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(text).unwrap()), is, "{text}");
        }
    }
}
