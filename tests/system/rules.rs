//! Answers that last: rules, their end, and requests that outlive whoever should hear of them.

use serde_json::Value;
use whole::{Job, Runner, Stage, until};

/// The service that a signed-in person owns is the one on this stage.
fn rules(runner: &Runner<'_>) -> Vec<Value> {
    let listed = runner.coord(&["rules", "list", "--json"]).run().json();
    listed.as_array().unwrap().clone()
}

/// What settled each approval of the job, oldest first.
fn settled(job: &Job<'_>) -> Vec<(String, String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let show = job.show();
    let mut all: Vec<_> = show["approvals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let by = &one["by"];
            (
                word(&one["decision"]),
                word(&by["surface"]),
                word(&by["name"]),
            )
        })
        .collect();
    all.reverse();
    all
}

#[test]
fn what_is_allowed_always_is_not_asked_again_until_the_rule_is_revoked() {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    let first = Job::submit(&stage, "run mkdir made\nrun mkdir made-too\nsay after\n");
    let approval = first.approval();
    assert_eq!(approval["proposed"]["words"][0], "mkdir");
    let id = approval["id"].as_str().unwrap();
    runner
        .coord(&["approvals", "allow", id, "--always", "bash"])
        .run()
        .refused(1, &["cannot be"]);
    let other = ["approvals", "allow", id, "--always", "touch made"];
    runner.coord(&other).run().refused(1, &["does not cover"]);
    let wide = ["approvals", "allow", id, "--always", "mkdir", "--days", "7"];
    let more = ["allows more than", "mkdir made", "--wider"];
    runner.coord(&wide).run().refused(2, &more);
    assert!(
        rules(&runner).is_empty(),
        "nothing is kept before it was said"
    );
    let wider = [&wide[..], &["--wider"]].concat();
    runner.coord(&wider).run().ok();
    first.wait().ok();
    let kept = rules(&runner);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["matches"]["words"][0], "mkdir");
    let by_rule = &settled(&first)[1];
    assert_eq!(
        (by_rule.0.as_str(), by_rule.1.as_str()),
        ("allow_always", "policy")
    );
    assert!(
        by_rule.2.contains(kept[0]["id"].as_str().unwrap()),
        "{by_rule:?}"
    );

    // It outlasts the service.
    runner.end("KILL");
    runner.start();
    runner.wait_for_state("online");
    let second = Job::submit(&stage, "run mkdir again\nrun touch other\n");
    let asked = second.approval();
    assert_eq!(asked["subject"]["action"]["command"], "touch other");
    let rule = kept[0]["id"].as_str().unwrap();
    runner.coord(&["rules", "revoke", rule]).run().ok();
    assert!(rules(&runner).is_empty());
    let id = asked["id"].as_str().unwrap();
    stage.coord(["approvals", "deny", id]).run().ok();
    second.wait().ok();
    let third = Job::submit(&stage, "run mkdir once-more\n");
    let asked = third.approval();
    assert_eq!(asked["subject"]["action"]["command"], "mkdir once-more");
}

#[test]
fn the_owner_allows_always_from_the_coordinator() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "run mkdir made\n");
    let approval = job.approval();
    let id = approval["id"].as_str().unwrap();
    stage
        .coord(["approvals", "allow", id, "--always", "touch made"])
        .run()
        .refused(1, &["does not cover"]);
    stage
        .coord(["approvals", "allow", id, "--always"])
        .run()
        .ok();
    job.wait().ok();
    let kept = until("the rule on the machine", || {
        let kept = rules(&runner);
        (!kept.is_empty()).then_some(kept)
    });
    assert_eq!(kept[0]["matches"]["words"][1], "made");
    assert_eq!(kept[0]["workspace"], "team");
}

#[test]
fn nobody_s_answer_is_a_denial_and_the_agent_goes_on() {
    let stage = Stage::ready();
    let patience = vec![("COORD_ANSWER_PATIENCE_MS".to_owned(), "1500".to_owned())];
    let mut runner = Runner::prepared(&stage, "box").with(patience);
    runner.start();
    runner.wait_for_state("online");
    let job = Job::submit(
        &stage,
        "run touch proof\nask Which? | One | Two\nsay after\n",
    );
    job.wait().ok();
    let show = job.show();
    assert_eq!(show["approvals"][0]["decision"], "deny");
    assert_eq!(show["approvals"][0]["by"]["surface"], "policy");
    assert!(show["approvals"][0]["approval"]["expires_at"].is_number());
    assert_eq!(show["questions"][0]["status"], "withdrawn");
    assert!(job.said().contains(&"after".to_owned()));
}

/// Both who could hear of a request die while it waits; it is answered at `side` afterwards.
fn through_everything(on_the_machine: bool) {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "run touch proof\nsay after\n");
    let approval = job.approval();
    let id = approval["id"].as_str().unwrap();
    runner.end("KILL");
    stage.end_coordinator("KILL");
    assert_eq!(stage.workers().len(), 1, "the worker holds it");
    stage.start_coordinator();
    runner.start();
    runner.wait_for_state("online");
    assert_eq!(job.approval()["id"], approval["id"], "it still waits");
    let waits = until("the approval on the machine", || {
        let listed = runner.coord(&["approvals", "list", "--json"]).run().json();
        (!listed.as_array()?.is_empty()).then_some(listed)
    });
    assert_eq!(waits[0]["approval"]["digest"], approval["digest"]);
    if on_the_machine {
        runner.coord(&["approvals", "allow", id]).run().ok();
    } else {
        stage.coord(["approvals", "allow", id]).run().ok();
    }
    job.wait().ok();
    assert!(job.said().contains(&"after".to_owned()));
    let folder = runner
        .jobs()
        .join("team")
        .join(format!("{}-a-job", job.number));
    assert!(folder.join("attempt-1/proof").exists());
    assert_eq!(settled(&job)[0].0, "allow_once");
}

#[test]
fn a_request_survives_service_and_coordinator_and_is_answered_on_the_machine() {
    through_everything(true);
}

#[test]
fn a_request_survives_service_and_coordinator_and_is_answered_on_the_coordinator() {
    through_everything(false);
}
