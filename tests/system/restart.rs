//! The coordinator is away: at the start, and in the middle of a job.

use std::fs;

use whole::{Job, Runner, Stage, until};

#[test]
fn a_runner_that_starts_before_its_coordinator_comes_online_with_it() {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    runner.coord(&["stop"]).run().ok();
    assert_eq!(runner.ended(), Some(0));
    stage.end_coordinator("TERM");
    runner.start();
    let status = runner.wait_for_state("offline");
    let message = status["connection"]["message"].as_str().unwrap();
    assert!(message.contains("cannot be reached"), "{message}");
    stage.start_coordinator();
    runner.wait_for_state("online");
    Job::submit(&stage, "say hello\n").wait().ok();
}

fn through_a_restart(signal: &str) {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let job = Job::submit(
        &stage,
        "say begin\nwait 2s\nflood 2000 100\noutput a.txt it works\n",
    );
    job.wait_for_words("begin");
    stage.end_coordinator(signal);
    stage.start_coordinator();
    job.wait().ok();
    let show = job.show();
    assert_eq!(
        show["attempts"].as_array().unwrap().len(),
        1,
        "the outage lost no attempt"
    );
    let on_disk = fs::read_to_string(job.record(&runner).join("log.ndjson")).unwrap();
    assert_eq!(job.log_lines(), on_disk);
    assert_eq!(show["artifacts"][0]["path"], "a.txt");
}

#[test]
fn a_coordinator_that_is_restarted_loses_nothing() {
    through_a_restart("TERM");
}

#[test]
fn a_coordinator_that_is_killed_loses_nothing() {
    through_a_restart("KILL");
}

#[test]
fn waiting_survives_an_absence_of_the_coordinator() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "say begin\nwait 2s\nsay end\n");
    job.wait_for_words("begin");
    let log = stage.path("follow");
    let mut follow = job
        .coord("logs", &["--json", "--follow"])
        .start(&log)
        .unwrap();
    // Whoever cannot reach it in the first place is told so, and does not wait.
    let heard = log.with_extension("out");
    until("the log's first line", || {
        let said = fs::read_to_string(&heard).unwrap_or_default();
        said.contains("begin").then_some(())
    });
    stage.end_coordinator("TERM");
    stage.start_coordinator();
    assert!(follow.wait().unwrap().success());
    let followed = fs::read_to_string(&heard).unwrap();
    assert_eq!(followed, job.log_lines());
}
