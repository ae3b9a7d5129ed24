//! Names of workspaces as they stand in addresses: lower-case letters, digits and single hyphens.

/// Longest name in addresses.
pub(crate) const CHARS_MAX: usize = 40;

/// Makes one from a name.
pub(crate) fn of(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if slug.len() >= CHARS_MAX {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if is_slug(slug) { slug } else { "workspace" }.to_owned()
}

/// The same with a number at its end, from the second one on.
pub(crate) fn with_ending(slug: &str, number: u32) -> String {
    if number < 2 {
        return slug.to_owned();
    }
    let ending = format!("-{number}");
    let kept: String = slug.chars().take(CHARS_MAX - ending.len()).collect();
    format!("{}{ending}", kept.trim_end_matches('-'))
}

/// Whether it is one; what reads as an id is none, since addresses take both.
pub(crate) fn is_slug(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=CHARS_MAX).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && text.parse::<protocol::ids::WorkspaceId>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_only_letters_digits_and_single_hyphens() {
        assert_eq!(of("My Team & Friends"), "my-team-friends");
        assert_eq!(of("  ¡Ärger! "), "rger");
        assert_eq!(of("日本"), "workspace");
        assert!(of(&"ab ".repeat(40)).len() <= CHARS_MAX);
    }

    #[test]
    fn every_slug_that_is_made_is_one() {
        for name in ["My Team", "a", "日本", &"ab ".repeat(40), "--x--"] {
            for number in [1, 2, 99] {
                let slug = with_ending(&of(name), number);
                assert!(is_slug(&slug), "{slug}");
            }
        }
    }

    #[test]
    fn what_reads_as_an_id_or_cannot_stand_in_an_address_is_none() {
        let id = "019390a0-0000-7000-8000-000000000000";
        let plain = "019390a0000070008000000000000000";
        for text in [
            "",
            "-a",
            "a-",
            "a--b",
            "A",
            "a b",
            "ä",
            id,
            plain,
            &"a".repeat(41),
        ] {
            assert!(!is_slug(text), "{text}");
        }
    }
}
