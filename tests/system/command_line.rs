//! The command line's own contract: shapes of results, exit codes, and no need for a terminal.

use serde_json::Value;
use whole::{Job, Runner, Stage, stage::WORKSPACE};

/// Whether `value` has all of `keys`.
fn has(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "no `{key}` in {value}");
    }
}

#[test]
fn results_have_the_fields_of_the_contract() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let status = runner.status();
    has(
        &status,
        &["state", "activity", "runner", "slots", "attempts", "paused"],
    );
    has(&status["runner"], &["id", "name", "short_id"]);
    assert_eq!(status["slots"], serde_json::json!({"total": 4, "free": 4}));
    assert_eq!(status["paused"], Value::Null);
    let job = Job::submit(&stage, "say hello\n");
    job.wait().ok();
    let show = job.show();
    has(&show, &["id", "state", "attempts", "hold"]);
    has(
        &show["attempts"][0],
        &["number", "state", "outcome", "runner"],
    );
    let by_number = ["job", "show", "1", "--workspace", WORKSPACE, "--json"];
    assert_eq!(stage.coord(by_number).run().json()["id"], show["id"]);
    let list = stage
        .coord(["job", "list", "--state", "done", "--json"])
        .run()
        .json();
    assert_eq!(list["jobs"][0]["id"], show["id"]);
    let history = runner.coord(&["history", "--json"]).run().json();
    assert_eq!(history[0]["job_id"], show["id"]);
    let local = runner.coord(&["logs", "--json"]).run().ok();
    assert_eq!(local, job.log_lines());
    let agents = runner.coord(&["agents", "--json"]).run().json();
    let demo = named(&agents["agents"], "demo");
    assert_eq!(demo["detection"], "detected");
}

/// The one of this name in a list.
fn named<'v>(list: &'v Value, name: &str) -> &'v Value {
    let mut all = list.as_array().unwrap().iter();
    all.find(|one| one["name"] == name).unwrap()
}

#[cfg(unix)]
#[test]
fn the_tools_of_the_machine_are_shown_with_their_versions() {
    let stage = Stage::ready();
    let tools = stage.path("tools");
    std::fs::create_dir(&tools).unwrap();
    // Beside what the machine has: one that works, and one that does not.
    for (name, script) in [("gh", "echo gh version 9.8.7"), ("node", "exit 3")] {
        executable(&tools.join(name), script);
    }
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", tools.display());
    let mut runner = Runner::prepared(&stage, "box").with(vec![("PATH".to_owned(), path)]);
    runner.start();
    runner.wait_for_state("online");
    let found = runner.coord(&["agents", "--rescan", "--json"]).run().json();
    let found = &found["tools"];
    let git = named(found, "git")["version"].as_str().unwrap();
    assert!(git.starts_with(|sign: char| sign.is_ascii_digit()), "{git}");
    assert_eq!(named(found, "gh")["version"], "9.8.7");
    let broken = named(found, "node");
    assert_eq!(broken["version"], Value::Null);
    let why = broken["detail"].as_str().unwrap();
    assert!(why.contains('3'), "{why}");
    named(found, "docker");
    let level = named(found, "sandbox")["detail"].as_str().unwrap();
    let levels = ["bwrap", "landlock", "seatbelt", "none"];
    assert!(levels.contains(&level), "{level}");
    let told = runner.coord(&["agents"]).run().ok();
    assert!(told.contains("9.8.7") && told.contains(git), "{told}");
    let sandbox = told.lines().find(|line| line.starts_with("sandbox"));
    assert!(sandbox.unwrap().contains(level), "{told}");
}

#[cfg(unix)]
fn executable(path: &std::path::Path, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_runner_is_chosen_by_name_and_by_short_id() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let short_id = runner.status()["runner"]["short_id"].clone();
    for name in ["box", short_id.as_str().unwrap()] {
        let target = format!("runner:{name}");
        let options = ["--agent", "demo", "--target", target.as_str()];
        Job::submit_with(&stage, "say hello\n", &options)
            .wait()
            .ok();
    }
    stage
        .coord([
            "job",
            "submit",
            "-w",
            WORKSPACE,
            "--title",
            "T",
            "--target",
            "runner:other",
        ])
        .arg("--instructions-file")
        .arg(stage.file("task.txt", "say hello"))
        .run()
        .refused(6, &["other", "box"]);
}

#[test]
fn several_users_and_machines_live_side_by_side() {
    let (one, two) = (Stage::ready(), Stage::ready());
    let runners = (Runner::online(&one, "box"), Runner::online(&two, "box"));
    Job::submit(&one, "say one\n").wait().ok();
    Job::submit(&two, "say two\n").wait().ok();
    assert_ne!(
        runners.0.status()["runner"]["id"],
        runners.1.status()["runner"]["id"]
    );
}

#[test]
fn the_environment_stands_in_for_options() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let status = stage
        .coord(["runner", "status", "--json"])
        .env("COORD_DATA", runner.data())
        .run()
        .json();
    assert_eq!(status["state"], "online");
    stage
        .coord(["job", "list", "--json"])
        .env("COORD_SERVER", "http://127.0.0.1:9")
        .run()
        .refused(3, &["127.0.0.1:9"]);
}
