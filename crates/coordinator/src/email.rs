//! E-mail addresses: read as people type them, compared in lower case.

/// Longest address (RFC 5321).
const ADDRESS_BYTES_MAX: usize = 254;

/// The address in lower case; none when it is no address.
pub(crate) fn parse(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let is_address = email.len() <= ADDRESS_BYTES_MAX && email.parse::<lettre::Address>().is_ok();
    is_address.then_some(email)
}

/// The name that others see until it is changed: what stands before the `@`.
pub(crate) fn name_of(email: &str) -> &str {
    email.split_once('@').map_or(email, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        assert_eq!(
            parse(" Ada@Example.com ").as_deref(),
            Some("ada@example.com")
        );
        assert_eq!(name_of("ada@example.com"), "ada");
    }

    #[test]
    fn an_address_needs_both_sides() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "a@b@c",
            "ada@example.com\nbcc: eve@example.com",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
