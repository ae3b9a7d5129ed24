//! The real Claude Code, as a runner drives it, against a scripted model server on loopback.
//!
//! `COORD_TEST_CLAUDE` names its program.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use testkit::models::{Act, Models, Rule};
use whole::{Job, Runner, Stage, until};

fn program() -> PathBuf {
    let program = std::env::var_os("COORD_TEST_CLAUDE").map(PathBuf::from);
    program.expect(
        "COORD_TEST_CLAUDE has to name the program of Claude Code; `cargo xtask test` installs it",
    )
}

/// A runner with Claude Code and its models.
async fn runner<'a>(stage: &'a Stage, program: &Path, rules: Vec<Rule>) -> (Runner<'a>, Models) {
    let models = Models::start(rules).await.unwrap();
    let home = stage.path("home");
    let mut runner = Runner::prepared(stage, "box").with(models.claude_environment(&home));
    fs::create_dir_all(runner.data()).unwrap();
    let config = format!(
        "[agents.claude]\nprogram = {:?}\nmodel = \"claude-sonnet-4-5\"\n",
        program.display().to_string()
    );
    fs::write(runner.data().join("config.toml"), config).unwrap();
    runner.start();
    runner.wait_for_state("online");
    until("Claude Code", || {
        let agents = runner.coord(&["agents", "--json"]).run().json();
        let all = agents["agents"].as_array()?.clone();
        let claude = all.into_iter().find(|agent| agent["name"] == "claude")?;
        (claude["detection"] == "detected" && claude["sign_in"] == "signed_in").then_some(())
    });
    (runner, models)
}

fn folder(runner: &Runner<'_>, job: &Job<'_>) -> PathBuf {
    let name = format!("{}-a-job", job.number);
    runner.jobs().join("team").join(name).join("attempt-1")
}

async fn writes_a_file(verb: &str) -> bool {
    let program = program();
    let stage = Stage::ready();
    let write = json!({"file_path": "proof.txt", "content": "by the agent\n"});
    let rules = vec![
        Rule::when_asked(
            "write the file",
            vec![Act::say("I write it now."), Act::call("Write", write)],
        ),
        Rule::after_tool(vec![Act::say("All said and done.")]).always(),
    ];
    let (runner, _models) = runner(&stage, &program, rules).await;
    let job = Job::submit_with(&stage, "write the file", &["--agent", "claude"]);
    let approval = job.approval();
    let path = folder(&runner, &job).join("proof.txt");
    assert!(!path.exists(), "it is written before anybody allowed it");
    let id = approval["id"].as_str().unwrap();
    let answer = ["approvals", verb, id];
    // Allowed on the web side, denied on the machine: both ways have to work.
    if verb == "allow" {
        stage.coord(answer).run().ok();
    } else {
        runner.coord(&answer).run().ok();
    }
    job.wait().ok();
    let said = job.said().join("\n");
    assert!(said.contains("I write it now."), "{said}");
    assert!(said.contains("All said and done."), "{said}");
    path.exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_written() {
    assert!(writes_a_file("allow").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_is_not_written() {
    assert!(!writes_a_file("deny").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_ends_the_agent_and_its_children() {
    let program = program();
    let stage = Stage::ready();
    let sleep = json!({"command": "touch begun && sleep 4323", "description": "Sleeps"});
    let rules = vec![
        Rule::when_asked("take a long rest", vec![Act::call("Bash", sleep)]),
        Rule::after_tool(vec![Act::say("Done.")]).always(),
    ];
    let (runner, _models) = runner(&stage, &program, rules).await;
    let job = Job::submit_with(&stage, "take a long rest", &["--agent", "claude"]);
    let approval = job.approval();
    stage
        .coord(["approvals", "allow", approval["id"].as_str().unwrap()])
        .run()
        .ok();
    until("the child", || {
        (!stage.processes("sleep 4323").is_empty()).then_some(())
    });
    job.coord("cancel", &[]).run().ok();
    job.wait().refused(21, &[]);
    until("the end of all", || {
        let idle = runner.status()["activity"] == "idle";
        let left = stage.processes("sleep 4323").len() + stage.processes("claude").len();
        (idle && left == 0).then_some(())
    });
}
