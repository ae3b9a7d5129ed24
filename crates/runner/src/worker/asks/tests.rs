//! Who answers, when, and what is kept of it.

use std::path::Path;

use protocol::{
    approval::{Action, ApprovalAnswer},
    error::ErrorCode,
    ids::{ApprovalId, QuestionId, RuleId},
    question::QuestionItem,
    rule::RuleMatch,
    runner::PermissionLevel,
};

use super::*;

const NOW: Timestamp = Timestamp(1_000_000);

fn asks(patience: Duration) -> Asks {
    let (folder, home) = (Path::new("/nowhere/home/job"), Path::new("/nowhere/home"));
    let ground = Ground::new(folder, home, &[], PermissionLevel::Ask);
    let terms = Terms {
        agent: AgentName::new("demo"),
        workspace: "team".to_owned(),
        rules: Vec::new(),
        patience,
    };
    Asks::new(ground, terms)
}

fn ask(asks: &mut Asks, command: &str) -> (Approval, oneshot::Receiver<ApprovalReply>, bool) {
    let subject = ApprovalSubject {
        action: Action::Run {
            command: command.to_owned(),
        },
        directory: "/nowhere/home/job".to_owned(),
        inside_folder: true,
        claimed_reason: None,
        risks: Vec::new(),
    };
    let (reply, answer) = oneshot::channel();
    let wanted = Wanted {
        asked: subject.clone(),
        shown: subject,
        tool_call: None,
        reply,
    };
    let requested = asks.approval(ApprovalId(uuid::Uuid::now_v7()), wanted, NOW);
    let Event::ApprovalRequested { approval } = requested.event else {
        panic!("{:?}", requested.event)
    };
    let settled = requested.settled.is_some();
    if let Some(applied) = requested.settled {
        (applied.tell)();
    }
    (approval, answer, settled)
}

fn answer(approval: &Approval, decision: Decision) -> ApprovalAnswer {
    ApprovalAnswer {
        decision,
        digest: approval.digest.clone(),
        note: None,
        rule: None,
    }
}

fn ada() -> AnsweredBy {
    AnsweredBy {
        surface: Surface::Web,
        name: "Ada".to_owned(),
    }
}

fn rule(words: &[&str]) -> PermissionRule {
    PermissionRule {
        id: RuleId(uuid::Uuid::from_u128(7)),
        matches: RuleMatch::Command {
            words: words.iter().map(|&word| word.to_owned()).collect(),
        },
        agent: None,
        workspace: None,
        created_at: NOW,
        expires_at: Timestamp(NOW.0 + 1000),
        created_by: "Ada".to_owned(),
    }
}

#[test]
fn what_nobody_answers_in_time_is_denied_and_a_question_gets_no_answer() {
    let mut asks = asks(Duration::from_mins(1));
    assert_eq!(asks.deadline(), None);
    let (approval, mut told, _) = ask(&mut asks, "git push");
    assert_eq!(approval.expires_at, Some(Timestamp(NOW.0 + 60_000)));
    let item = QuestionItem {
        key: "one".to_owned(),
        text: "?".to_owned(),
        options: Vec::new(),
        multiple: false,
        free_text: true,
    };
    let (reply, mut answered) = oneshot::channel();
    let id = QuestionId(uuid::Uuid::now_v7());
    asks.question(id, vec![item], NOW, reply).unwrap();
    let deadline = asks.deadline().unwrap();
    assert!(asks.overdue(Instant::now(), NOW).is_empty());
    let applied = asks.overdue(deadline + Duration::from_secs(1), NOW);
    assert_eq!(applied.len(), 2);
    for one in applied {
        (one.tell)();
    }
    let reply = told.try_recv().unwrap();
    assert_eq!(reply.decision, Decision::Deny);
    assert!(reply.note.unwrap().contains("Nobody answered in time"));
    assert!(answered.try_recv().is_err());
    assert_eq!(asks.deadline(), None);
}

#[test]
fn the_first_answer_counts_and_the_second_hears_whose_it_was() {
    let mut asks = asks(Duration::from_mins(1));
    let (approval, _told, _) = ask(&mut asks, "git push");
    let given = answer(&approval, Decision::Deny);
    let first = asks.answer_approval(approval.id, given.clone(), ada(), None, NOW);
    assert!(first.is_ok());
    let Err(second) = asks.answer_approval(approval.id, given, ada(), None, NOW) else {
        panic!("the second answer counted as well")
    };
    assert_eq!(second.code, ErrorCode::Conflict);
    assert!(second.message.contains("Ada in the web app"), "{second}");
    assert_eq!(asks.settled()[0].decision, Some(Decision::Deny));
}

#[test]
fn always_needs_a_rule_that_covers_what_is_asked_and_counts_at_once() {
    let mut asks = asks(Duration::from_mins(1));
    let (approval, mut told, _) = ask(&mut asks, "git push origin x");
    assert_eq!(
        approval.proposed,
        Some(RuleMatch::Command {
            words: vec!["git".to_owned(), "push".to_owned()]
        })
    );
    let (_, mut also_told, _) = ask(&mut asks, "git push origin y");
    let always = answer(&approval, Decision::AllowAlways);
    for none in [None, Some(rule(&["git", "fetch"]))] {
        let refused = asks.answer_approval(approval.id, always.clone(), ada(), none, NOW);
        assert_eq!(refused.err().unwrap().code, ErrorCode::Invalid);
    }
    let push = rule(&["git", "push"]);
    let applied = asks
        .answer_approval(approval.id, always, ada(), Some(push.clone()), NOW)
        .unwrap();
    let Event::ApprovalSettled { note, .. } = &applied.event else {
        panic!("{:?}", applied.event)
    };
    assert_eq!(note.as_deref(), Some(push.label().as_str()));
    (applied.tell)();
    assert!(told.try_recv().unwrap().decision.allows());
    let covered = asks.covered(NOW);
    assert_eq!(
        covered.len(),
        1,
        "what waited and is covered is answered too"
    );
    for one in covered {
        let Event::ApprovalSettled { by, decision, .. } = &one.event else {
            panic!("{:?}", one.event)
        };
        assert_eq!(
            (by.surface, *decision),
            (Surface::Policy, Decision::AllowAlways)
        );
        assert!(by.name.contains("git push"), "{}", by.name);
        (one.tell)();
    }
    assert!(also_told.try_recv().unwrap().decision.allows());
    assert!(ask(&mut asks, "git push").2);
    assert!(!ask(&mut asks, "git fetch").2);
}

#[test]
fn a_rule_never_reaches_below_the_floor_and_ends_when_it_is_revoked() {
    let mut asks = asks(Duration::from_mins(1));
    asks.take_rules(vec![rule(&["cat"])]);
    let (_, mut told, settled) = ask(&mut asks, "cat /nowhere/home/.ssh/id_rsa");
    assert!(settled);
    assert_eq!(told.try_recv().unwrap().decision, Decision::Deny);
    assert!(ask(&mut asks, "cat notes.txt").2);
    asks.take_rules(Vec::new());
    assert!(!ask(&mut asks, "cat notes.txt").2);
}
