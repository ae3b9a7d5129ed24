//! A machine without a screen: how it signs in, and what being disabled means for it.

use reqwest::Method;
use serde_json::{Value, json};
use whole::{
    Job, Person, Runner, Stage,
    stage::{WORKSPACE, lines},
    until,
};

/// The runner of this name, as the workspace sees it.
fn seen(owner: &Person<'_>, name: &str) -> Option<Value> {
    let path = format!("/api/v1/workspaces/{WORKSPACE}/runners");
    let list = owner.call(Method::GET, &path, None);
    let mut runners = list["runners"].as_array().into_iter().flatten();
    runners.find(|runner| runner["name"] == name).cloned()
}

#[test]
fn a_one_time_token_signs_in_one_machine() {
    let stage = Stage::ready();
    let owner = Person::owner(&stage);
    let made = owner.call(Method::POST, "/api/v1/account/setup-tokens", None);
    let token = made["token"].as_str().unwrap();
    let file = stage.file("token", format!("{token}\n"));
    // Nobody has signed in on these machines.
    let nowhere = |name: &str| {
        let empty = stage.path(&format!("{name}-config"));
        vec![("COORD_CONFIG".to_owned(), empty.display().to_string())]
    };
    let mut machine = Runner::prepared(&stage, "build-7").with(nowhere("build-7"));
    machine.start_with(&["--token-file", file.to_str().unwrap()]);
    machine.wait_for_state("online");
    Job::submit(&stage, "say hello\n").wait().ok();
    assert_eq!(seen(&owner, "build-7").unwrap()["state"], "online");
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/v1/account/setup-tokens/{id}");
    assert_eq!(owner.call(Method::GET, &path, None)["connected"], true);

    let mut second = Runner::prepared(&stage, "build-8").with(nowhere("build-8"));
    second.start_with(&["--token-file", file.to_str().unwrap()]);
    // There is nobody to ask, so it says that nobody is signed in, and ends.
    assert_eq!(second.ended(), Some(3));
    let said = lines(&stage.path("build-8.err")).join("\n");
    assert!(said.contains("was used before"), "{said}");
    assert_eq!(seen(&owner, "build-8"), None);
}

#[test]
fn a_disabled_runner_finishes_what_it_runs_and_takes_nothing_there() {
    let stage = Stage::ready();
    let owner = Person::owner(&stage);
    let _runner = Runner::online(&stage, "box");
    let running = Job::submit(&stage, "say begin\nwait 2s\nsay end\n");
    running.wait_for_words("begin");
    let id = seen(&owner, "box").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let here = format!("/api/v1/workspaces/{WORKSPACE}/runners/{id}");
    let reason = json!({"reason": "needs a new disk"});
    owner.call(Method::POST, &format!("{here}/disable"), Some(&reason));

    let waiting = Job::submit(&stage, "say later\n");
    running.wait().ok();
    until("the reason", || {
        let why = waiting.show();
        let why = &why["hold"]["runners"][0]["refusal"]["because"];
        (why == "disabled").then_some(())
    });

    // It is disabled here, and nowhere else.
    let other = json!({"name": "Elsewhere"});
    let other = owner.call(Method::POST, "/api/v1/workspaces", Some(&other));
    let jobs = format!(
        "/api/v1/workspaces/{}/jobs",
        other["slug"].as_str().unwrap()
    );
    let job = json!({"title": "Elsewhere", "instructions": "say hello\n", "agent": "demo", "ready": true});
    let job = owner.call(Method::POST, &jobs, Some(&job));
    let job = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    until("the job elsewhere", || {
        let now = owner.call(Method::GET, &job, None);
        (now["state"] == "done").then_some(())
    });
    assert_eq!(waiting.show()["state"], "ready");

    owner.call(Method::POST, &format!("{here}/enable"), None);
    waiting.wait().ok();
}
