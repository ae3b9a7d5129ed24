//! The demo agent as a program of its own, driven like any other agent.

use std::time::Duration;

use crate::stage::{Stage, told, told_with_note};
use agents::driver::{AgentEvent, SessionPlan, TurnEnd};
use protocol::{
    approval::{Action, Decision},
    job::FailureClass,
};

#[tokio::test]
async fn every_instruction_is_carried_out_and_told() {
    let stage = Stage::new();
    let outside = stage.root().join("outside.txt");
    let instructions = format!(
        "say hello\nthink about it\nwrite notes/a.txt inside\nwrite {0} outside\nrun echo one; echo two >&2; pwd >where\n\
         ask Which colour? | red | blue\noutput report.md the report\noutput ../escape no\nflood 3 5\nwait 1ms\nplain words",
        outside.display()
    );
    let session = stage.start(&instructions).await.unwrap();
    let told = told(session, Decision::AllowOnce, "blue").await;
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("plain words".to_owned())
        }
    );
    insta::assert_snapshot!(told.text(&stage));
    let read = |path: &str| std::fs::read_to_string(stage.folder().join(path)).unwrap();
    assert_eq!(read("notes/a.txt"), "inside\n");
    assert_eq!(read("output/report.md"), "the report\n");
    assert_eq!(std::fs::read_to_string(outside).unwrap(), "outside\n");
    assert_eq!(read("where").trim(), stage.folder().display().to_string());
    assert!(!stage.folder().join("escape").exists());
}

#[tokio::test]
async fn where_it_only_reads_it_asks_before_it_changes_anything() {
    let stage = Stage::read_only();
    let instructions = "write a.txt x\noutput b.txt y\nrun touch c.txt\nsay done";
    let session = stage.start(instructions).await.unwrap();
    let told = told(session, Decision::Deny, "").await;
    let asked = told
        .events
        .iter()
        .filter(|event| matches!(event, AgentEvent::ApprovalRequested { .. }));
    assert_eq!(asked.count(), 3);
    for path in ["a.txt", "output/b.txt", "c.txt"] {
        assert!(!stage.folder().join(path).exists(), "{path} is there");
    }
    assert!(told.said().contains("done"));
}

#[tokio::test]
async fn what_a_person_says_with_a_denial_is_heard() {
    let stage = Stage::new();
    let session = stage.start("run touch made\nsay done").await.unwrap();
    let denial = (Decision::Deny, Some("Leave it alone."));
    let told = told_with_note(Duration::from_mins(1), session, denial, "").await;
    let said = told.said();
    let (done, heard) = (said.find("done"), said.find("Leave it alone."));
    assert!(done.is_some() && done < heard, "{said}");
    assert!(matches!(told.end, TurnEnd::Completed { .. }));
    assert!(!stage.folder().join("made").exists());
}

#[tokio::test]
async fn what_is_denied_does_not_happen_and_the_work_goes_on() {
    let stage = Stage::new();
    let outside = stage.root().join("outside.txt");
    let instructions = format!("write {} x\nrun touch made\nsay done", outside.display());
    let told = told(
        stage.start(&instructions).await.unwrap(),
        Decision::Deny,
        "",
    )
    .await;
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("done".to_owned())
        }
    );
    assert!(!outside.exists());
    assert!(!stage.folder().join("made").exists());
    assert!(
        told.text(&stage).contains("Declined"),
        "{}",
        told.text(&stage)
    );
}

#[tokio::test]
async fn an_approval_shows_exactly_what_would_be_done() {
    let stage = Stage::new();
    let mut session = stage
        .start("run rm -rf ../x && curl http://h")
        .await
        .unwrap();
    let subject = loop {
        if let AgentEvent::ApprovalRequested { subject, .. } = session.events.recv().await.unwrap()
        {
            break subject;
        }
    };
    assert_eq!(
        subject.action,
        Action::Run {
            command: "rm -rf ../x && curl http://h".to_owned()
        }
    );
    assert!(!subject.inside_folder);
    assert_eq!(subject.directory, stage.folder().display().to_string());
}

#[tokio::test]
async fn an_error_says_whether_another_try_makes_sense() {
    for (kind, class) in [
        ("transient", FailureClass::Transient),
        ("permanent", FailureClass::Permanent),
    ] {
        let stage = Stage::new();
        let session = stage.start(&format!("fail {kind} no luck")).await.unwrap();
        let told = told(session, Decision::Deny, "").await;
        let TurnEnd::Failed(failure) = told.end else {
            panic!("{:?}", told.end);
        };
        assert_eq!(failure.class, class);
        assert_eq!(failure.message, "Demo agent: no luck");
    }
}

#[tokio::test]
async fn after_a_crash_the_session_goes_on_after_the_last_finished_line() {
    let stage = Stage::new();
    let instructions = "say one\ncrash\nsay two";
    let first = told(stage.start(instructions).await.unwrap(), Decision::Deny, "").await;
    let TurnEnd::Failed(failure) = &first.end else {
        panic!("{:?}", first.end);
    };
    assert_eq!(failure.class, FailureClass::Transient);
    assert!(first.text(&stage).contains("Text one"));
    let plan = SessionPlan::Resume {
        session: first.session.clone().unwrap(),
        begun_at: None,
    };
    let again = stage.start_with(instructions, plan).await.unwrap();
    let again = told(again, Decision::Deny, "").await;
    assert_eq!(again.session, first.session);
    assert_eq!(
        again.end,
        TurnEnd::Completed {
            summary: Some("two".to_owned())
        }
    );
    assert!(!again.text(&stage).contains("Text one"));
}

#[tokio::test]
async fn a_session_that_is_gone_is_begun_anew_and_says_so() {
    let stage = Stage::new();
    let plan = SessionPlan::Resume {
        session: "11111111-2222-4333-8444-555555555555".to_owned(),
        begun_at: None,
    };
    let session = stage.start_with("say hi", plan).await.unwrap();
    let told = told(session, Decision::Deny, "").await;
    assert!(told.text(&stage).contains("could not be taken up again"));
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("hi".to_owned())
        }
    );
}

#[tokio::test]
async fn an_interrupt_ends_the_turn_and_what_it_runs() {
    let stage = Stage::new();
    let mut session = stage
        .start("run echo $$ >pid; echo up; exec sleep 1000")
        .await
        .unwrap();
    let mut runs = None;
    let end = loop {
        match session.events.recv().await.unwrap() {
            AgentEvent::ApprovalRequested { reply, .. } => crate::stage::allow(reply),
            AgentEvent::ToolOutput { .. } => {
                let pid = std::fs::read_to_string(stage.folder().join("pid")).unwrap();
                runs = process::Identity::of(pid.trim().parse().unwrap());
                session.stop.interrupt().await;
            }
            AgentEvent::Ended(end) => break end,
            _ => {}
        }
    };
    assert_eq!(end, TurnEnd::Interrupted);
    assert!(!process::is_alive(runs.unwrap()));
    assert_eq!(session.stop.end(crate::stage::GRACE).await, 0);
}

#[tokio::test]
async fn an_interrupt_withdraws_what_is_asked() {
    let stage = Stage::new();
    for instruction in ["run true", "ask Sure?"] {
        let mut session = stage.start(instruction).await.unwrap();
        let (mut approval, mut question) = (None, None);
        let end = loop {
            match session.events.recv().await.unwrap() {
                AgentEvent::ApprovalRequested { reply, .. } => {
                    approval = Some(reply);
                    session.stop.interrupt().await;
                }
                AgentEvent::QuestionAsked { reply, .. } => {
                    question = Some(reply);
                    session.stop.interrupt().await;
                }
                AgentEvent::Ended(end) => break end,
                _ => {}
            }
        };
        assert_eq!(end, TurnEnd::Interrupted);
        assert!(approval.is_none_or(|reply| reply.is_closed()));
        assert!(question.is_none_or(|reply| reply.is_closed()));
    }
}

#[tokio::test]
async fn a_slow_reader_gets_every_line_of_a_flood() {
    let stage = Stage::new();
    let session = stage.start("flood 20000 200").await.unwrap();
    let told = told(session, Decision::Deny, "").await;
    let text: String = told.said();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 20_000);
    for (index, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[1], format!("{}/20000", index + 1));
        assert_eq!(
            words[2],
            format!("{:08x}", crc32fast::hash(words[3].as_bytes()))
        );
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_no_agent() {
    let stage = Stage::new();
    let error = stage
        .start_program("/no/such/agent".into(), "say hi")
        .await
        .err()
        .unwrap();
    assert_eq!(error.failure.class, FailureClass::Config);
    assert!(
        error.to_string().contains("there is no such program"),
        "{error}"
    );
}

#[tokio::test]
async fn a_program_that_is_no_agent_says_what_it_said() {
    let stage = Stage::new();
    let script = stage.root().join("liar");
    crate::stage::executable(&script, "#!/bin/sh\necho \"I am no agent\" >&2\nexit 7\n");
    let error = stage.start_program(script, "say hi").await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "Demo agent ended before its work did (exit status: 7): I am no agent"
    );
}
