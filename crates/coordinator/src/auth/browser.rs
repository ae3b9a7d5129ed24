//! What a browser says of itself, in words by which its owner knows it again.

use axum::http::{HeaderMap, header::USER_AGENT};

/// Browsers by the word that only they say; the later ones also say those before.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Systems by the word that stands for them, the narrower ones first.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];
/// Longest name of a program that is none of them.
const NAME_CHARS_MAX: usize = 40;

/// `Firefox on Linux`, or as much as is known.
pub(super) fn browser_of(headers: &HeaderMap) -> String {
    let said = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let known = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(word, _)| said.contains(word))
            .map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => match said.split(['/', ' ']).next().unwrap_or_default() {
            "" => "An unknown browser".to_owned(),
            name => name.chars().take(NAME_CHARS_MAX).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, text.parse().unwrap());
        browser_of(&headers)
    }

    #[test]
    fn a_browser_is_named_with_its_system() {
        assert_eq!(
            said("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            "Firefox on Linux"
        );
        assert_eq!(
            said(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0"
            ),
            "Edge on Windows"
        );
        assert_eq!(
            said(
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
            ),
            "Safari on macOS"
        );
        assert_eq!(
            said(
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
            ),
            "Chrome on Android"
        );
    }

    #[test]
    fn what_is_no_browser_is_named_by_its_first_word() {
        assert_eq!(said("curl/8.9.1"), "curl");
        assert_eq!(browser_of(&HeaderMap::new()), "An unknown browser");
        assert!(said(&"x".repeat(500)).len() <= NAME_CHARS_MAX);
    }
}
