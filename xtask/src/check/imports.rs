//! Which package may use which: imports only point down, and frameworks stay at the doors.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{project, say};

/// What a package of the workspace may use of the workspace, and why not more.
struct Room {
    package: &'static str,
    may_use: &'static [&'static str],
    because: &'static str,
}

const fn room(
    package: &'static str,
    may_use: &'static [&'static str],
    because: &'static str,
) -> Room {
    Room {
        package,
        may_use,
        because,
    }
}

const ROOMS: &[Room] = &[
    room("protocol", &[], "the shared words stand below everything"),
    room("lifecycle", &["protocol"], "rules know words, and no I/O"),
    room("settings", &["protocol"], "settings know nothing of jobs"),
    room(
        "process",
        &[],
        "running programs knows nothing of the product",
    ),
    room(
        "failpoints",
        &[],
        "places where a test ends the process know nothing of it",
    ),
    room(
        "agents",
        &["protocol", "process"],
        "agents are driven by the runner, and do not know it",
    ),
    room(
        "journal",
        &["protocol", "lifecycle"],
        "the runner's memory does not know the runner",
    ),
    room(
        "control",
        &["protocol"],
        "every face of the service shares this client, and nothing else of the runner",
    ),
    room(
        "store",
        &["protocol", "lifecycle"],
        "SQL stands below the coordinator",
    ),
    room(
        "runner",
        &[
            "protocol",
            "lifecycle",
            "settings",
            "process",
            "agents",
            "journal",
            "control",
            "failpoints",
        ],
        "runner and coordinator share words and rules, and never each other",
    ),
    room(
        "coordinator",
        &["protocol", "lifecycle", "store", "failpoints"],
        "runner and coordinator share words and rules, and never each other",
    ),
    room(
        "cli",
        &[
            "protocol",
            "settings",
            "process",
            "agents",
            "control",
            "runner",
            "coordinator",
        ],
        "a door calls functions; rules and SQL stand behind them",
    ),
    room(
        "testkit",
        &["protocol"],
        "doubles are shared by all tests, so they know only the words",
    ),
    room(
        "coord-runner",
        &["protocol", "control", "process"],
        "the desktop shell knows the control socket and nothing of the runner",
    ),
    room(
        "whole",
        &[
            "testkit",
            "protocol",
            "control",
            "process",
            "lifecycle",
            "failpoints",
        ],
        "whole-system tests see what a user sees: programs, sockets, HTTP; chaos names places where programs end, and the runners that benchmarks play wait as real ones do",
    ),
    room("xtask", &[], "what builds the product cannot need it"),
];

/// A library, or a family of them, that only some packages may use.
struct Framework {
    /// The name, or its beginning when it ends with `*`.
    library: &'static str,
    only_in: &'static [&'static str],
    because: &'static str,
}

const fn framework(
    library: &'static str,
    only_in: &'static [&'static str],
    because: &'static str,
) -> Framework {
    Framework {
        library,
        only_in,
        because,
    }
}

const FRAMEWORKS: &[Framework] = &[
    framework("tauri*", &["coord-runner"], "the window is a door"),
    framework(
        "axum*",
        &["coordinator", "testkit"],
        "HTTP is a door; the testkit's fake coordinator is one, too",
    ),
    framework("clap*", &["cli", "xtask"], "the command line is a door"),
    framework("sqlx*", &["store"], "PostgreSQL is asked in one place"),
    framework(
        "rusqlite*",
        &["store", "journal"],
        "all SQL stands in two places",
    ),
    framework("keyring*", &["settings"], "secrets are kept in one place"),
    framework(
        "process-wrap",
        &["process"],
        "one place starts and ends programs",
    ),
    framework(
        "agent-client-protocol*",
        &["agents"],
        "the wire of agents stands in one place",
    ),
    framework(
        "object_store",
        &["coordinator"],
        "only the coordinator keeps files of others",
    ),
];

/// Fails with every forbidden import and its reason.
pub(super) fn run() -> Result<()> {
    let packages = project::metadata()?["packages"]
        .as_array()
        .context("cargo names no packages")?;
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(room) = ROOMS.iter().find(|room| room.package == name) else {
            wrong.push(format!(
                "{name} has no room: add it to the table of this check"
            ));
            continue;
        };
        for (library, for_tests) in dependencies(package) {
            wrong.extend(objection(room, library, for_tests));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    for line in &wrong {
        say::line(&format!("  {line}"));
    }
    bail!("{} forbidden imports", wrong.len());
}

fn dependencies(package: &Value) -> impl Iterator<Item = (&str, bool)> {
    let all = package["dependencies"].as_array();
    all.into_iter().flatten().map(|dependency| {
        let for_tests = dependency["kind"] == "dev";
        (dependency["name"].as_str().unwrap_or_default(), for_tests)
    })
}

/// What is wrong with `room` using `library`, if anything is.
fn objection(room: &Room, library: &str, for_tests: bool) -> Option<String> {
    let package = room.package;
    if ROOMS.iter().any(|room| room.package == library) {
        let allowed = room.may_use.contains(&library) || (for_tests && library == "testkit");
        return (!allowed).then(|| format!("{package} must not use {library}: {}", room.because));
    }
    // Tests may look from outside through any door.
    if for_tests || package == "whole" {
        return None;
    }
    let framework = FRAMEWORKS
        .iter()
        .find(|framework| is_of(framework, library))?;
    (!framework.only_in.contains(&package))
        .then(|| format!("{package} must not use {library}: {}", framework.because))
}

fn is_of(framework: &Framework, library: &str) -> bool {
    match framework.library.strip_suffix('*') {
        Some(family) => library.starts_with(family),
        None => library == framework.library,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(package: &str, library: &str, for_tests: bool) -> Option<String> {
        let room = ROOMS.iter().find(|room| room.package == package).unwrap();
        objection(room, library, for_tests)
    }

    #[test]
    fn the_two_sides_never_meet() {
        assert!(of("runner", "coordinator", false).is_some());
        assert!(of("coordinator", "runner", true).is_some());
        assert!(of("coord-runner", "runner", false).is_some());
        assert!(of("runner", "protocol", false).is_none());
    }

    #[test]
    fn frameworks_stay_at_the_doors() {
        assert!(of("lifecycle", "axum", false).is_some());
        assert!(of("runner", "tauri-plugin-dialog", false).is_some());
        assert!(of("coordinator", "axum-extra", false).is_none());
        assert!(of("runner", "testkit", true).is_none());
    }

    #[test]
    fn no_room_is_entered_from_below() {
        for room in ROOMS {
            for used in room.may_use {
                let other = ROOMS.iter().find(|room| room.package == *used).unwrap();
                assert!(
                    !other.may_use.contains(&room.package),
                    "{} and {used} use each other",
                    room.package
                );
            }
        }
    }
}
