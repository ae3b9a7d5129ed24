//! An agent that the machine's owner described: an adapter from npm, which speaks the
//! Agent Client Protocol and starts in a mode in which it asks nobody.
//!
//! `COORD_TEST_ACP_ADAPTER` names its program, beside which its Node stands; the whole
//! test run sets it.

use std::path::PathBuf;

use serde_json::json;
use testkit::models::{Act, Models, Rule};
use whole::{Job, Runner, Stage, until};

fn program() -> PathBuf {
    let program = std::env::var_os("COORD_TEST_ACP_ADAPTER").map(PathBuf::from);
    program.expect(
        "COORD_TEST_ACP_ADAPTER has to name the program of the adapter; `cargo xtask test` \
         installs it",
    )
}

fn agent(runner: &Runner<'_>, name: &str) -> Option<serde_json::Value> {
    let agents = runner.coord(&["agents", "--json"]).run().json();
    let all = agents["agents"].as_array()?.clone();
    all.into_iter().find(|agent| agent["name"] == name)
}

/// Adds the adapter through the command line, with what it needs to reach its model.
fn add(stage: &Stage, runner: &Runner<'_>, models: &Models) {
    let program = program();
    let node = program.with_file_name("node").display().to_string();
    let script = program.display().to_string();
    let mut words = vec!["agents", "add", "adapter", "--title", "An adapter"];
    words.extend(["--command", &node, "--argument", &script]);
    let variables: Vec<String> = models
        .claude_environment(&stage.path("home"))
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    for variable in &variables {
        words.extend(["--environment", variable]);
    }
    runner.coord(&words).run().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_of_ones_own_is_added_tried_does_a_job_and_is_removed() {
    let stage = Stage::ready();
    let write = json!({"file_path": "proof.txt", "content": "by the adapter\n"});
    let rules = vec![
        Rule::when_asked(
            "write the file",
            vec![Act::say("I write it now."), Act::call("Write", write)],
        ),
        Rule::after_tool(vec![Act::say("All said and done.")]).always(),
    ];
    let models = Models::start(rules).await.unwrap();
    let mut runner = Runner::prepared(&stage, "box");
    runner.start();
    runner.wait_for_state("online");
    // What cannot be started is not added, and the reason is told.
    let broken = ["agents", "add", "broken", "--command", "is-not-there"];
    runner.coord(&broken).run().refused(1, &["is-not-there"]);
    add(&stage, &runner, &models);
    until("the adapter", || {
        let found = agent(&runner, "adapter")?;
        (found["detection"] == "detected" && found["custom"] == true).then_some(())
    });
    let test = ["agents", "test", "adapter", "--json"];
    let test = runner.coord(&test).run().json();
    assert_eq!(test["mode"], "default", "{test}");

    let job = Job::submit_with(&stage, "write the file", &["--agent", "adapter"]);
    let approval = job.approval();
    let name = format!("{}-a-job", job.number);
    let path = runner
        .jobs()
        .join("team")
        .join(name)
        .join("attempt-1/proof.txt");
    assert!(!path.exists(), "it is written before anybody allowed it");
    let id = approval["id"].as_str().unwrap();
    stage.coord(["approvals", "allow", id]).run().ok();
    job.wait().ok();
    let said = job.said().join("\n");
    assert!(said.contains("All said and done."), "{said}");
    let written = std::fs::read_to_string(path).unwrap();
    assert_eq!(written, "by the adapter\n");

    runner.coord(&["agents", "remove", "adapter"]).run().ok();
    until("its end", || {
        agent(&runner, "adapter").is_none().then_some(())
    });
    runner
        .coord(&["agents", "remove", "adapter"])
        .run()
        .refused(6, &["adapter"]);
}
