//! The three ways to stop, pause, and one service a data directory.

use whole::{Job, Runner, Stage, until};

#[test]
fn stop_lets_jobs_finish() {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "say begin\nwait 2s\nsay end\n");
    job.wait_for_words("begin");
    runner.coord(&["stop"]).run().ok();
    assert_eq!(runner.ended(), Some(0));
    assert_eq!(job.show()["state"], "done");
    assert_eq!(runner.status()["state"], "stopped");
}

#[test]
fn stop_now_ends_the_agents() {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "say begin\nwait 10m\n");
    job.wait_for_words("begin");
    runner.coord(&["stop", "--now"]).run().ok();
    assert_eq!(runner.ended(), Some(0));
    for word in ["worker", "demo-agent"] {
        assert_eq!(stage.processes(word), [], "{word}");
    }
}

#[test]
fn ctrl_c_lets_jobs_finish() {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "say begin\nwait 1s\nsay end\n");
    job.wait_for_words("begin");
    assert_eq!(runner.end("INT"), Some(0));
    assert_eq!(job.show()["state"], "done");
}

#[test]
fn a_paused_runner_takes_nothing_until_it_resumes() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    runner.coord(&["pause", "--note", "on a train"]).run().ok();
    assert_eq!(runner.status()["paused"]["note"], "on a train");
    let job = Job::submit(&stage, "say hello\n");
    until("the reason", || {
        let show = job.show();
        let why = &show["hold"]["runners"][0]["refusal"]["because"];
        (why == "paused").then_some(())
    });
    runner.coord(&["resume"]).run().ok();
    job.wait().ok();
}

#[test]
fn a_second_service_on_the_same_data_is_refused() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    runner
        .coord(&["start", "--no-input", "--server", stage.url()])
        .run()
        .refused(7, &["another runner service"]);
}

#[test]
fn signing_out_ends_the_registration() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    runner.coord(&["logout"]).run().ok();
    // Nobody may be asked here, so a service that nobody is signed in at ends.
    until("the end of the sign-in", || {
        let state = runner.status()["state"].clone();
        (state == "signed_out" || state == "stopped").then_some(())
    });
}
