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
    let demo = agents
        .as_array()
        .unwrap()
        .iter()
        .find(|agent| agent["name"] == "demo");
    assert_eq!(demo.unwrap()["detection"], "detected");
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
