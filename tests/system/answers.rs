//! Approvals and questions, answered on the coordinator and on the machine.

use serde_json::{Value, json};
use whole::{Job, Runner, Stage, until};

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

/// Three things at once, of which one takes several answers and one words of one's own; then
/// one that is left to the agent.
fn ask_several(side: &Side) {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let job = Job::submit(
        &stage,
        "ask Which database? | SQLite | PostgreSQL || Which systems? | +Linux | +macOS | +BSD || What is it called?\n\
         ask Shall it be fast? | Yes | No\nsay after\n",
    );
    let question = job.question();
    let id = question["id"].as_str().unwrap();
    let offered = |item: usize| question["items"][item]["options"].as_array().unwrap().len();
    assert_eq!([offered(0), offered(1), offered(2)], [2, 3, 0]);
    let answer = |items: &[&str]| {
        let mut words = vec!["questions", "answer", id];
        for item in items {
            words.extend(["--item", item]);
        }
        match side {
            Side::Coordinator => stage.coord(words).run(),
            Side::Machine => runner.coord(&words).run(),
        }
    };
    let (name, linux, bsd) = ("answer_3=the shop", "answer_2=Linux", "answer_2=BSD");
    answer(&["answer_1=SQLite", linux]).refused(2, &["answer_3", "no answer"]);
    answer(&["answer_1=Oracle", linux, name]).refused(2, &["Oracle", "not offered"]);
    let both = ["answer_1=SQLite", "answer_1=PostgreSQL", linux, name];
    answer(&both).refused(2, &["takes one answer"]);
    answer(&["answer_1=SQLite", linux, bsd, name]).ok();

    let second = until("the second question", || {
        let one = job.question();
        (one["id"] != question["id"]).then_some(one)
    });
    let decline = ["questions", "decline", second["id"].as_str().unwrap()];
    match side {
        Side::Coordinator => stage.coord(decline).run().ok(),
        Side::Machine => runner.coord(&decline).run().ok(),
    };
    job.wait().ok();
    let said = job.said();
    for line in [
        "Which database? SQLite",
        "Which systems? Linux, BSD",
        "What is it called? the shop",
        "Shall it be fast? Nobody answered.",
        "after",
    ] {
        assert!(said.iter().any(|one| one == line), "{line}: {said:?}");
    }
    let show = job.show();
    let of = |id: &Value| {
        let all = show["questions"].as_array().unwrap();
        all.iter().find(|one| one["question"]["id"] == *id).unwrap()
    };
    let answered = of(&question["id"]);
    assert_eq!(answered["answers"][1]["values"], json!(["Linux", "BSD"]));
    let declined = of(&second["id"]);
    assert_eq!(declined["status"], "settled", "somebody said so");
    assert_eq!(declined["by"]["surface"], "command_line");
    assert!(declined["answers"].as_array().is_none_or(Vec::is_empty));
}

#[test]
fn several_things_are_answered_and_one_is_declined_on_the_coordinator() {
    ask_several(&Side::Coordinator);
}

#[test]
fn several_things_are_answered_and_one_is_declined_on_the_machine() {
    ask_several(&Side::Machine);
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
