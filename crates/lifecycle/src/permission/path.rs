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
    if places.system == System::Windows {
        text = plain_windows(&text);
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
    if places.system == System::Windows && is_drive(&joined) {
        // `/c:x` is written oddly, and means the same.
        let (drive, rest) = joined.split_at(2);
        let rest = rest.trim_start_matches('/');
        return if rest.is_empty() {
            drive.to_owned()
        } else {
            format!("{drive}/{rest}")
        };
    }
    if places.system == System::Windows && joined.contains(':') {
        return joined;
    }
    format!("/{joined}")
}

/// Other ways to write a path of Windows, made one: shares of this very machine, a name right
/// after its drive, and the dots and spaces at the end of a name that the system leaves out.
fn plain_windows(text: &str) -> String {
    let mut text = text.to_owned();
    for host in ["//localhost/", "//127.0.0.1/", "//[::1]/"] {
        if let Some((drive, rest)) = text
            .strip_prefix(host)
            .and_then(|rest| rest.split_once('$'))
        {
            text = format!("{drive}:{rest}");
        }
    }
    let (drive, rest) = if is_drive(&text) {
        text.split_at(2)
    } else {
        ("", text.as_str())
    };
    let parts = rest.split('/').map(|part| match part {
        "." | ".." => part,
        part => part.trim_end_matches(['.', ' ']),
    });
    let rest = parts.collect::<Vec<_>>().join("/");
    if drive.is_empty() {
        rest
    } else {
        format!("{drive}/{rest}")
    }
}

/// Whether a path begins with the letter of a drive.
fn is_drive(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

/// A text in the one case in which paths are compared.
pub(super) fn one_case(text: &str, places: &Places<'_>) -> String {
    if places.system == System::Linux {
        text.to_owned()
    } else {
        text.to_lowercase()
    }
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
    const HOME: [&str; 3] = ["~", "$HOME", "${HOME}"];
    // In any case of their letters, as Windows reads them; with what they stand for below the home.
    const WINDOWS: [(&str, &str); 9] = [
        ("%userprofile%", ""),
        ("$env:userprofile", ""),
        ("${env:userprofile}", ""),
        ("%homedrive%%homepath%", ""),
        ("$env:home", ""),
        ("%appdata%", "/appdata/roaming"),
        ("$env:appdata", "/appdata/roaming"),
        ("%localappdata%", "/appdata/local"),
        ("$env:localappdata", "/appdata/local"),
    ];
    const SYSTEM: [(&str, &str); 8] = [
        ("%systemroot%", "c:/windows"),
        ("$env:systemroot", "c:/windows"),
        ("%windir%", "c:/windows"),
        ("$env:windir", "c:/windows"),
        ("%programfiles%", "c:/program files"),
        ("$env:programfiles", "c:/program files"),
        ("%systemdrive%", "c:"),
        ("$env:systemdrive", "c:"),
    ];
    for name in HOME {
        if let Some(rest) = after_name(path, name) {
            return format!("{}{rest}", places.home);
        }
    }
    if places.system == System::Windows {
        let lower = path.to_lowercase();
        for (name, below) in WINDOWS {
            if let Some(rest) = after_name(&lower, name) {
                return format!("{}{below}{rest}", places.home);
            }
        }
        for (name, whole) in SYSTEM {
            if let Some(rest) = after_name(&lower, name) {
                return format!("{whole}{rest}");
            }
        }
    }
    path.to_owned()
}

/// What follows `name` at the beginning of a path.
fn after_name<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    path.strip_prefix(name)
        .filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\']))
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
            links: &[],
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
            (r"\\localhost\C$\Windows\x", "c:/windows/x"),
            (r"C:\Windows. \x", "c:/windows/x"),
            ("C:windows", "c:/windows"),
            (r"%SystemRoot%\x", "c:/windows/x"),
            (r"$Env:APPDATA\x", "c:/users/ada/appdata/roaming/x"),
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
