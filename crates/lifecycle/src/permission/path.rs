//! Paths as text: made full and plain by their words alone.

use super::{Places, System};

/// `path` as it is compared: forward slashes, no `.` or `..`, one case where the system has one.
pub(super) fn canonical(path: &str, places: &Places<'_>) -> String {
    let mut text = path.to_owned();
    if places.system == System::Windows {
        text = text.replace('\\', "/");
        // `\\?\` and `\\.\` before a path change nothing about where it leads.
        for prefix in ["//?/", "//./"] {
            if let Some(rest) = text.strip_prefix(prefix) {
                text = rest.to_owned();
            }
        }
    }
    if places.system != System::Linux {
        text = text.to_lowercase();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop_if(|part| !part.ends_with(':'))),
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if places.system == System::Windows && joined.contains(':') {
        return joined;
    }
    format!("/{joined}")
}

/// The full path that `path` names when the current directory is `base`.
pub(super) fn resolve(path: &str, base: &str, places: &Places<'_>) -> String {
    let expanded = expand_home(path, places);
    if is_full(&expanded, places) {
        return canonical(&expanded, places);
    }
    canonical(&format!("{base}/{expanded}"), places)
}

/// Whether `path`, both canonical, is `folder` or lies in it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder == "/")
}

/// Whether a word is meant as a path outside of where it stands, or may be.
pub(super) fn looks_like_path(word: &str, places: &Places<'_>) -> bool {
    let expanded = expand_home(word, places);
    is_full(&expanded, places)
        || expanded.contains('/')
        || (places.system == System::Windows && expanded.contains('\\'))
        || matches!(expanded.as_str(), "." | "..")
}

/// Full paths that a free text names.
pub(super) fn named_in(text: &str, places: &Places<'_>) -> Vec<String> {
    let between = |c: char| c.is_whitespace() || "\"'`,;()[]{}<>|".contains(c);
    text.replace("\\\\", "\\")
        .split(between)
        .map(|word| expand_home(word.trim_start_matches("file://"), places))
        .filter(|word| word.len() > 1 && is_full(word, places))
        .map(|word| canonical(&word, places))
        .collect()
}

fn is_full(path: &str, places: &Places<'_>) -> bool {
    if path.starts_with('/') {
        return true;
    }
    let mut chars = path.chars();
    places.system == System::Windows
        && (path.starts_with('\\')
            || (chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')))
}

/// `~`, `$HOME` and their kin at the beginning, replaced.
fn expand_home(path: &str, places: &Places<'_>) -> String {
    const NAMES: [&str; 6] = [
        "~",
        "$HOME",
        "${HOME}",
        "%USERPROFILE%",
        "$env:USERPROFILE",
        "$Env:USERPROFILE",
    ];
    for name in NAMES {
        if let Some(rest) = path.strip_prefix(name)
            && (rest.is_empty() || rest.starts_with(['/', '\\']))
        {
            return format!("{}{rest}", places.home);
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(system: System) -> Places<'static> {
        let (folder, home) = match system {
            System::Windows => (r"C:\Work\7", r"C:\Users\Ada"),
            System::Linux | System::MacOs => ("/work/7", "/home/ada"),
        };
        Places {
            system,
            folder,
            home,
            own: &[],
        }
    }

    #[test]
    fn paths_get_one_form() {
        let linux = places(System::Linux);
        for (path, full) in [
            ("a/./b/../c", "/work/7/a/c"),
            ("../../../../etc", "/etc"),
            ("~/x", "/home/ada/x"),
            ("${HOME}", "/home/ada"),
            ("$HOMER/x", "/work/7/$HOMER/x"),
            ("//etc//passwd", "/etc/passwd"),
        ] {
            assert_eq!(resolve(path, "/work/7", &linux), full, "{path}");
        }
        let windows = places(System::Windows);
        for (path, full) in [
            (r"..\..\..\Windows", "c:/windows"),
            (r"\\?\C:\Windows\x", "c:/windows/x"),
            ("%USERPROFILE%/.ssh", "c:/users/ada/.ssh"),
            ("a/B", "c:/work/7/a/b"),
        ] {
            assert_eq!(resolve(path, r"C:\Work\7", &windows), full, "{path}");
        }
    }

    #[test]
    fn a_folder_holds_what_is_in_it_and_not_its_namesakes() {
        assert!(is_within("/work/7", "/work/7"));
        assert!(is_within("/work/7/a", "/work/7"));
        assert!(!is_within("/work/71", "/work/7"));
        assert!(is_within("/anything", "/"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_resolved_to_a_full_path_that_stays_as_it_is(
            path in "[a-c./~$\\\\: \\PC]{0,30}"
        ) {
            for system in [System::Linux, System::MacOs, System::Windows] {
                let places = places(system);
                let full = resolve(&path, places.folder, &places);
                proptest::prop_assert_eq!(canonical(&full, &places), full);
            }
        }
    }
}
