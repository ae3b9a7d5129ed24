//! Codex's own rules, by which a person once allowed commands for good.
//!
//! A command that they allow runs without a request, and outside of the sandbox: at every level,
//! and past the floor. Nothing on the wire switches them off, but a sandbox from which something
//! cannot even be read is never left for a rule. Where there are rules, a thread gets such a
//! sandbox: what they allow changes nothing in it. What a person allows then runs without a
//! network, so a thread does without it where there are none.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::driver::Launch;

/// Names our sandbox in Codex's own settings.
const PROFILE: &str = "coord";
/// How the files with rules end.
const EXTENSION: &str = "rules";

/// The settings that keep the commands of rules in a sandbox that only reads.
pub(super) fn settings(launch: &Launch) -> Value {
    let mut settings = json!({
        // Older versions know nothing of profiles, and this wins over the person's own setting.
        "sandbox_mode": "read-only",
        // One may answer a request in the person's place.
        "features.hooks": false,
    });
    // Its sandbox for Windows cannot keep from reading.
    if !cfg!(windows) && rules(launch).is_some() {
        let hidden = home(launch)
            .unwrap_or_else(|| "/".into())
            .join(".coord-unreadable");
        let files = json!({":root": "read", hidden.display().to_string(): "deny"});
        settings["default_permissions"] = json!(PROFILE);
        settings["permissions"] = json!({PROFILE: {"filesystem": files}});
    }
    settings
}

/// Whether the opened thread can write or reach anything by itself.
pub(super) fn is_too_free(opened: &Value) -> bool {
    let kind = opened["sandbox"]["type"].as_str();
    kind.is_some_and(|kind| kind != "readOnly")
}

/// What a person should know where there are such rules.
pub(super) fn notice(launch: &Launch) -> Option<String> {
    let folder = rules(launch)?;
    Some(format!(
        "Codex has rules of its own in {}. So that they let nothing pass, what they allow changes \
         nothing during a job, and what is allowed here runs without a network. Without these \
         rules it would not be so.",
        folder.display()
    ))
}

/// The first folder with rules that Codex would go by.
fn rules(launch: &Launch) -> Option<PathBuf> {
    let folders = [
        codex_home(launch),
        Some(launch.folder.join(".codex")),
        Some(PathBuf::from("/etc/codex")),
    ];
    folders
        .into_iter()
        .flatten()
        .map(|folder| folder.join(EXTENSION))
        .find(|folder| holds_rules(folder))
}

fn holds_rules(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|files| {
        files.flatten().any(|file| {
            let path = file.path();
            path.extension().is_some_and(|end| end == EXTENSION) && has_text(&path)
        })
    })
}

fn has_text(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

fn codex_home(launch: &Launch) -> Option<PathBuf> {
    variable(launch, "CODEX_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(home(launch)?.join(".codex")))
}

fn home(launch: &Launch) -> Option<PathBuf> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    variable(launch, name).map(PathBuf::from)
}

fn variable<'a>(launch: &'a Launch, name: &str) -> Option<&'a str> {
    let set = launch.environment.iter().rev().find(|(set, _)| set == name);
    set.map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::launch_for;

    fn launch_at(home: &Path) -> Launch {
        let mut launch = launch_for("codex-approve");
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        launch.environment = vec![(name.to_owned(), home.display().to_string())];
        launch
    }

    #[test]
    fn rules_are_held_and_told_of_where_there_are_some() {
        let home = tempfile::tempdir().unwrap();
        let launch = launch_at(home.path());
        let folder = home.path().join(".codex").join("rules");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("default.rules"), "").unwrap();
        std::fs::write(folder.join("notes.txt"), "not one").unwrap();
        assert_eq!(notice(&launch), None);
        assert!(settings(&launch)["default_permissions"].is_null());
        std::fs::write(
            folder.join("default.rules"),
            "prefix_rule(pattern=[\"ls\"])",
        )
        .unwrap();
        let words = notice(&launch).unwrap();
        assert!(words.contains(&folder.display().to_string()), "{words}");
    }

    #[cfg(not(windows))]
    #[test]
    fn the_sandbox_reads_everything_but_one_name_that_nobody_uses() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".codex").join("rules");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(
            folder.join("default.rules"),
            "prefix_rule(pattern=[\"ls\"])",
        )
        .unwrap();
        let settings = settings(&launch_at(home.path()));
        assert_eq!(settings["default_permissions"], PROFILE);
        let files = &settings["permissions"][PROFILE]["filesystem"];
        assert_eq!(files[":root"], "read");
        let hidden = home.path().join(".coord-unreadable").display().to_string();
        assert_eq!(files[&hidden], "deny");
    }

    #[test]
    fn only_a_sandbox_that_reads_will_do() {
        assert!(!is_too_free(&json!({"sandbox": {"type": "readOnly"}})));
        assert!(!is_too_free(&json!({})));
        assert!(is_too_free(
            &json!({"sandbox": {"type": "dangerFullAccess"}})
        ));
    }
}
