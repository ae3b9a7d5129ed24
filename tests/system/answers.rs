//! Approvals and questions, answered on the coordinator and on the machine.

use whole::{Job, Runner, Stage};

/// Who answers.
enum Side {
    Coordinator,
    Machine,
}

fn answer(stage: &Stage, runner: &Runner<'_>, side: &Side, words: &[&str]) {
    let run = match side {
        Side::Coordinator => stage.coord(words),
        Side::Machine => runner.coord(words),
    };
    run.run().ok();
}

fn decide(side: &Side, verb: &str) -> (bool, serde_json::Value) {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "run touch proof\nsay after\n");
    let approval = job.approval();
    let id = approval["id"].as_str().unwrap();
    assert_eq!(approval["subject"]["action"]["command"], "touch proof");
    answer(&stage, &runner, side, &["approvals", verb, id]);
    job.wait().ok();
    assert!(
        job.said().contains(&"after".to_owned()),
        "the agent goes on"
    );
    let folder = runner
        .jobs()
        .join("team")
        .join(format!("{}-a-job", job.number));
    (
        folder.join("attempt-1/proof").exists(),
        job.show()["approvals"][0].clone(),
    )
}

#[test]
fn what_is_allowed_on_the_coordinator_happens() {
    let (happened, approval) = decide(&Side::Coordinator, "allow");
    assert!(happened);
    assert_eq!(approval["decision"], "allow_once");
    assert_eq!(approval["status"], "settled");
}

#[test]
fn what_is_denied_on_the_coordinator_does_not_happen() {
    let (happened, approval) = decide(&Side::Coordinator, "deny");
    assert!(!happened);
    assert_eq!(approval["decision"], "deny");
}

#[test]
fn what_is_allowed_on_the_machine_happens() {
    let (happened, approval) = decide(&Side::Machine, "allow");
    assert!(happened);
    assert_eq!(approval["by"]["surface"], "command_line");
}

#[test]
fn what_is_denied_on_the_machine_does_not_happen() {
    let (happened, approval) = decide(&Side::Machine, "deny");
    assert!(!happened);
    assert_eq!(approval["decision"], "deny");
}

fn ask(side: &Side) {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let job = Job::submit(
        &stage,
        "ask Which database? | SQLite | PostgreSQL\nsay after\n",
    );
    let question = job.question();
    let id = question["id"].as_str().unwrap();
    let wrong = match side {
        Side::Coordinator => stage.coord(["questions", "answer", id]),
        Side::Machine => runner.coord(&["questions", "answer", id]),
    };
    wrong.run().refused(2, &["no answer"]);
    answer(
        &stage,
        &runner,
        side,
        &["questions", "answer", id, "SQLite"],
    );
    job.wait().ok();
    let show = job.show();
    assert_eq!(show["questions"][0]["answers"][0]["values"][0], "SQLite");
    assert!(job.said().iter().any(|line| line.contains("SQLite")));
}

#[test]
fn a_question_is_answered_on_the_coordinator() {
    ask(&Side::Coordinator);
}

#[test]
fn a_question_is_answered_on_the_machine() {
    ask(&Side::Machine);
}

#[test]
fn the_second_answer_to_an_approval_is_refused() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "run true\n");
    let approval = job.approval();
    let id = approval["id"].as_str().unwrap();
    stage.coord(["approvals", "allow", id]).run().ok();
    job.wait().ok();
    stage
        .coord(["approvals", "deny", id])
        .run()
        .refused(6, &["has the id"]);
}
