//! Trouble on the runner's machine.

use std::fs;

use whole::{Job, Runner, Stage, until};

#[test]
fn a_missing_workspace_directory_is_named_and_holds_jobs() {
    let stage = Stage::ready();
    let mut runner = Runner::prepared(&stage, "box");
    fs::remove_dir(runner.jobs()).unwrap();
    runner.start();
    let status = runner.wait_for_state("online");
    let trouble = &status["troubles"][0];
    let message = trouble["message"].as_str().unwrap();
    assert!(message.contains("box-jobs"), "{message}");
    let job = Job::submit(&stage, "say hello\n");
    until("the reason", || {
        let show = job.show();
        let refusal = show["hold"]["runners"][0]["refusal"].clone();
        (refusal["because"] == "unhealthy").then_some(())
    });
    // The runner looks by itself, too, but not as often.
    fs::create_dir(runner.jobs()).unwrap();
    runner.coord(&["agents", "--rescan"]).run().ok();
    job.wait().ok();
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_nobodys_trouble() {
    use std::os::unix::ffi::OsStringExt as _;

    let stage = Stage::ready();
    let latin = std::ffi::OsString::from_vec(b"caf\xe9".to_vec());
    let mut runner = Runner::prepared(&stage, "box").with_variable("COFFEE", latin.clone());
    runner.start();
    runner.wait_for_state("online");
    Job::submit(&stage, "say hello\n").wait().ok();
    let agents = runner.coord(&["agents"]).env("COFFEE", latin);
    assert!(agents.run().ok().contains("demo"));
}

#[test]
fn an_agent_that_is_not_installed_holds_the_job_and_is_named() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit_with(&stage, "say hello\n", &["--agent", "gemini"]);
    until("the reason", || {
        let refusal = job.show()["hold"]["runners"][0]["refusal"].clone();
        (refusal["because"] == "agent_unavailable" && refusal["agent"] == "gemini").then_some(())
    });
    let page = job.coord("show", &[]).run().ok();
    assert!(page.contains("it has no usable agent `gemini`"), "{page}");
}

#[test]
fn a_corrupt_configuration_is_named_with_its_line_and_left_alone() {
    let stage = Stage::ready();
    let runner = Runner::prepared(&stage, "box");
    fs::create_dir_all(runner.data()).unwrap();
    let file = runner.data().join("config.toml");
    fs::write(&file, "slots = 2\nname = \n").unwrap();
    runner
        .coord(&["start", "--no-input", "--server", stage.url()])
        .run()
        .refused(1, &["config.toml", "line 2"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "slots = 2\nname = \n");
}

#[test]
fn a_corrupt_configuration_of_the_coordinator_is_named_with_its_line() {
    let stage = Stage::empty().unwrap();
    stage.file("coordinator/coordinator.toml", "[sign_in]\nfresh_s = 0\n");
    stage
        .coord(["server", "--listen", "127.0.0.1:0", "--data"])
        .arg(stage.path("coordinator"))
        .run()
        .refused(1, &["coordinator.toml", "line 2"]);
}

#[test]
fn corrupt_sign_ins_are_named_and_left_alone() {
    let stage = Stage::ready();
    let logins = stage.file("config/logins.json", "{");
    stage
        .coord(["job", "list"])
        .run()
        .refused(1, &["logins.json"]);
    assert_eq!(fs::read_to_string(logins).unwrap(), "{");
}

#[test]
fn without_a_service_the_machine_says_how_to_start_one() {
    let stage = Stage::ready();
    let runner = Runner::prepared(&stage, "box");
    assert_eq!(runner.status()["state"], "stopped");
    runner
        .coord(&["pause"])
        .run()
        .refused(1, &["coord runner start"]);
}
