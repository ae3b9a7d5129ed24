//! Calling a job off ends the agent and everything that it started.

use whole::{Job, Runner, Stage, until};

#[test]
fn cancel_leaves_no_process() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    // One child leaves the session, as a stubborn program may.
    let job = Job::submit(
        &stage,
        "run sh -c 'setsid sleep 4321 & sleep 4322'\nsay never said\n",
    );
    let approval = job.approval();
    let id = approval["id"].as_str().unwrap();
    stage.coord(["approvals", "allow", id]).run().ok();
    until("both sleepers", || {
        (stage.processes("sleep 432").len() >= 2).then_some(())
    });
    job.coord("cancel", &[]).run().ok();
    job.wait().refused(21, &[]);
    assert_eq!(job.show()["attempts"][0]["outcome"], "cancelled");
    until("an idle runner", || {
        (runner.status()["activity"] == "idle").then_some(())
    });
    for word in ["sleep 432", "demo-agent"] {
        until(&format!("the end of {word}"), || {
            stage.processes(word).is_empty().then_some(())
        });
    }
    until("the worker's end", || {
        stage.workers().is_empty().then_some(())
    });
    assert!(!job.said().contains(&"never said".to_owned()));
}

#[test]
fn a_job_that_nobody_took_is_cancelled_at_once() {
    let stage = Stage::ready();
    let job = Job::submit(&stage, "say hello\n");
    let show = job.show();
    assert_eq!(show["hold"]["reason"], "no_runner");
    job.coord("cancel", &[]).run().ok();
    job.wait().refused(21, &[]);
    job.coord("cancel", &[]).run().refused(7, &[]);
}

#[test]
fn a_failed_job_says_why() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "fail permanent It cannot be done.\n");
    job.wait().refused(20, &[]);
    let show = job.show();
    let failure = &show["attempts"][0]["outcome_detail"]["failure"];
    assert_eq!(show["state"], "failed");
    assert!(
        failure["message"]
            .as_str()
            .unwrap()
            .contains("It cannot be done."),
        "{failure}"
    );
}
