//! The real Codex, as a runner drives it, against a scripted model server on loopback.
//!
//! `COORD_TEST_CODEX` names its program.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use testkit::models::{Act, Models, Rule};
use whole::{Job, Runner, Stage, until};

fn program() -> PathBuf {
    let program = std::env::var_os("COORD_TEST_CODEX").map(PathBuf::from);
    program.expect("COORD_TEST_CODEX has to name the program of Codex; `cargo xtask test` sets it")
}

/// Its settings and its credential.
fn settle(home: &Path, models: &Models) {
    fs::create_dir_all(home).unwrap();
    let settings = format!(
        "model_provider = \"scripted\"\n\
         [model_providers.scripted]\n\
         name = \"Scripted\"\n\
         base_url = \"{}/v1\"\n\
         wire_api = \"responses\"\n\
         requires_openai_auth = true\n",
        models.url()
    );
    fs::write(home.join("config.toml"), settings).unwrap();
    fs::write(home.join("auth.json"), r#"{"OPENAI_API_KEY":"dummy"}"#).unwrap();
}

/// A runner with Codex and its models.
async fn runner(stage: &Stage, rules: Vec<Rule>) -> (Runner<'_>, Models) {
    let models = Models::start(rules).await.unwrap();
    let home = stage.path("home/codex");
    settle(&home, &models);
    let variables = vec![("CODEX_HOME".to_owned(), home.display().to_string())];
    let mut runner = Runner::prepared(stage, "box").with(variables);
    fs::create_dir_all(runner.data()).unwrap();
    let config = format!(
        "[agents.codex]\nprogram = {:?}\nmodel = \"gpt-5.5\"\n",
        program().display().to_string()
    );
    fs::write(runner.data().join("config.toml"), config).unwrap();
    runner.start();
    runner.wait_for_state("online");
    until("Codex", || {
        let agents = runner.coord(&["agents", "--json"]).run().json();
        let all = agents["agents"].as_array()?.clone();
        let codex = all.into_iter().find(|agent| agent["name"] == "codex")?;
        let account = codex["account"] == "API key";
        (codex["detection"] == "detected" && account).then_some(())
    });
    (runner, models)
}

fn folder(runner: &Runner<'_>, job: &Job<'_>) -> PathBuf {
    let name = format!("{}-a-job", job.number);
    runner.jobs().join("team").join(name).join("attempt-1")
}

/// Whether a file was written after `verb` was said to the request for it.
async fn writes_a_file(verb: &str) -> bool {
    let stage = Stage::ready();
    let patch = "*** Begin Patch\n*** Add File: proof.txt\n+by the agent\n*** End Patch\n";
    let rules = vec![
        Rule::when_asked(
            "write the file",
            vec![
                Act::say("I write it now."),
                Act::call_with_text("apply_patch", patch),
            ],
        ),
        Rule::after_tool(vec![Act::say("All said and done.")]).always(),
    ];
    let (runner, _models) = runner(&stage, rules).await;
    let job = Job::submit_with(&stage, "write the file", &["--agent", "codex"]);
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
    let stage = Stage::ready();
    let sleep = json!({
        "cmd": "touch begun && sleep 4324",
        "sandbox_permissions": "require_escalated",
        "justification": "It rests.",
    });
    let rules = vec![
        Rule::when_asked("take a long rest", vec![Act::call("exec_command", sleep)]),
        Rule::after_tool(vec![Act::say("Done."), Act::Hang]).always(),
    ];
    let (runner, _models) = runner(&stage, rules).await;
    let job = Job::submit_with(&stage, "take a long rest", &["--agent", "codex"]);
    let approval = job.approval();
    stage
        .coord(["approvals", "allow", approval["id"].as_str().unwrap()])
        .run()
        .ok();
    until("the child", || {
        (!stage.processes("sleep 4324").is_empty()).then_some(())
    });
    job.coord("cancel", &[]).run().ok();
    job.wait().refused(21, &[]);
    until("the end of all", || {
        let idle = runner.status()["activity"] == "idle";
        let left = stage.processes("sleep 4324").len() + stage.processes("app-server").len();
        (idle && left == 0).then_some(())
    });
}
