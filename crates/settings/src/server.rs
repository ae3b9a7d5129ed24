//! The coordinator's address, as a person types it and as it is used.

/// Why a text is no address of a coordinator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not the address of a coordinator: {why}; write it like https://coord.example.com"
)]
pub struct InvalidAddress {
    /// What was given.
    pub text: String,
    /// What is wrong.
    pub why: &'static str,
}

/// The address in one form: with scheme, host in lower case, without a slash at the end.
///
/// Without a scheme, this machine is reached by `http` and any other by `https`.
pub fn normalize(text: &str) -> Result<String, InvalidAddress> {
    let invalid = |why| InvalidAddress {
        text: text.to_owned(),
        why,
    };
    let trimmed = text.trim().trim_end_matches('/');
    let (scheme, rest) = match trimmed.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None if is_this_machine(trimmed) => ("http".to_owned(), trimmed),
        None => ("https".to_owned(), trimmed),
    };
    if scheme != "http" && scheme != "https" {
        return Err(invalid("it has to begin with http:// or https://"));
    }
    let (authority, path) = rest
        .split_once('/')
        .map_or((rest, None), |(authority, path)| (authority, Some(path)));
    let (host, port) = split_port(authority);
    if host.is_empty() || host.starts_with('.') || host.ends_with('.') {
        return Err(invalid("the name of the machine is missing"));
    }
    if authority.contains('@') {
        return Err(invalid("it must not hold a name or password"));
    }
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '\\' | '"' | '<' | '>');
    if !rest.chars().all(plain) {
        return Err(invalid("it holds characters that an address does not have"));
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(invalid("the port is not a number up to 65535"));
    }
    let path = path.map(|path| format!("/{path}")).unwrap_or_default();
    Ok(format!(
        "{scheme}://{}{path}",
        authority.to_ascii_lowercase()
    ))
}

fn is_this_machine(address: &str) -> bool {
    let authority = address.split('/').next().unwrap_or_default();
    let (host, _) = split_port(authority);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Host and port; the colons of an IPv6 address stand in brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_one_form() {
        for (typed, used) in [
            ("https://coord.example.com/", "https://coord.example.com"),
            (" Coord.Example.com ", "https://coord.example.com"),
            ("localhost:43121", "http://localhost:43121"),
            ("127.0.0.1:80/", "http://127.0.0.1:80"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("HTTP://[::1]", "http://[::1]"),
            (
                "https://Team.example.com/Coord/",
                "https://team.example.com/Coord",
            ),
        ] {
            assert_eq!(normalize(typed).unwrap(), used, "{typed}");
            assert_eq!(normalize(used).unwrap(), used);
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        for text in [
            "",
            "https://",
            "ftp://a",
            "file:///etc/passwd",
            "https://user:pw@host",
            "https://a b",
            "https://host:99999",
            "https://host:",
            "https://host?x=1",
            "javascript:alert(1)",
            "https://:80",
            "https://.host",
        ] {
            let error = normalize(text).unwrap_err();
            assert!(
                error.to_string().contains("https://coord.example.com"),
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic_and_a_good_one_stays(text in "\\PC{0,40}") {
            if let Ok(used) = normalize(&text) {
                proptest::prop_assert_eq!(normalize(&used), Ok(used));
            }
        }
    }
}
