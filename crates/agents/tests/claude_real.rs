//! The real Claude Code, against a scripted model server on loopback.
//!
//! `COORD_TEST_CLAUDE` names its program; the whole test run sets it. Without it
//! there is nothing to test here, which is only accepted outside of CI.

use std::{path::PathBuf, time::Duration};

use crate::stage::{Stage, Told, told};
use agents::{
    catalog,
    claude::ClaudeAgent,
    driver::{Agent as _, AgentEvent, Launch, Lookout, Session, SessionPlan, TurnEnd},
    prompt::{JobPrompt, for_job},
};
use protocol::{
    agent::{AgentName, Detection, SignIn},
    approval::{Action, Decision},
    job::FailureClass,
    record::ToolStatus,
};
use serde_json::json;
use testkit::models::{Act, Models, Rule};

/// The program, or none where it is not there and need not be.
fn program() -> Option<PathBuf> {
    let program = std::env::var_os("COORD_TEST_CLAUDE").map(PathBuf::from);
    assert!(
        program.is_some() || std::env::var_os("CI").is_none(),
        "COORD_TEST_CLAUDE has to name the program of Claude Code; `cargo xtask test` installs it"
    );
    program
}

struct Scene {
    stage: Stage,
    models: Models,
    program: PathBuf,
}

impl Scene {
    async fn new(rules: impl FnOnce(&Stage) -> Vec<Rule>) -> Option<Self> {
        let program = program()?;
        let stage = Stage::new();
        let models = Models::start(rules(&stage)).await.unwrap();
        Some(Self {
            stage,
            models,
            program,
        })
    }

    fn environment(&self) -> Vec<(String, String)> {
        let home = self.stage.root().join("home");
        std::fs::create_dir_all(&home).unwrap();
        let mut environment = self.models.claude_environment(&home);
        environment.push(("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()));
        environment
    }

    async fn start(&self, words: &str, session: SessionPlan) -> Session {
        let launch = Launch {
            program: self.program.clone(),
            folder: self.stage.folder().to_owned(),
            environment: self.environment(),
            model: Some("claude-sonnet-4-5".to_owned()),
            extra_arguments: Vec::new(),
            session,
            prompt: for_job(&JobPrompt {
                title: "A job",
                instructions: words,
                ..JobPrompt::default()
            }),
        };
        ClaudeAgent.start(launch).await.unwrap()
    }

    async fn new_session(&self, words: &str) -> Session {
        let id = uuid::Uuid::new_v4();
        self.start(words, SessionPlan::New { id }).await
    }

    fn file(&self, name: &str) -> PathBuf {
        self.stage.folder().join(name)
    }
}

fn write_file(stage: &Stage, name: &str) -> Act {
    let path = stage.folder().join(name);
    Act::call(
        "Write",
        json!({"file_path": path, "content": "by the agent\n"}),
    )
}

fn statuses(told: &Told) -> Vec<ToolStatus> {
    told.events
        .iter()
        .filter_map(|event| match event {
            AgentEvent::ToolEnded { status, .. } => Some(*status),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn it_is_found_with_version_and_sign_in() {
    let Some(scene) = Scene::new(|_| Vec::new()).await else {
        return;
    };
    let known = catalog::known(std::env::current_exe().unwrap());
    let claude = catalog::by_name(&known, &AgentName::new("claude")).unwrap();
    let mut lookout = Lookout {
        program: Some(scene.program.clone()),
        search_path: Vec::new(),
        environment: scene.environment(),
        patience: Duration::from_secs(30),
    };
    let status = claude.detect(&lookout).await;
    assert_eq!(status.detection, Detection::Detected, "{status:?}");
    assert!(status.version.unwrap().starts_with("2."));
    assert_eq!(status.sign_in, SignIn::SignedIn);
    lookout
        .environment
        .retain(|(name, _)| name != "ANTHROPIC_API_KEY");
    assert_eq!(claude.detect(&lookout).await.sign_in, SignIn::SignedOut);
}

#[tokio::test]
async fn what_is_allowed_happens() {
    let rules = |stage: &Stage| {
        vec![
            Rule::when_asked(
                "write the file",
                vec![
                    Act::Think("I should write it.".to_owned()),
                    Act::say("I will write it now."),
                    write_file(stage, "made.txt"),
                ],
            ),
            Rule::after_tool(vec![Act::say("All done.")]),
        ]
    };
    let Some(scene) = Scene::new(rules).await else {
        return;
    };
    let told = told(
        scene.new_session("write the file").await,
        Decision::AllowOnce,
        "",
    )
    .await;
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("All done.".to_owned())
        }
    );
    assert_eq!(
        std::fs::read_to_string(scene.file("made.txt")).unwrap(),
        "by the agent\n"
    );
    assert_eq!(told.said(), "I will write it now.\nAll done.\n");
    assert_eq!(statuses(&told), [ToolStatus::Completed]);
    let subject = told.events.iter().find_map(|event| match event {
        AgentEvent::ApprovalRequested { subject, .. } => Some(subject),
        _ => None,
    });
    let subject = subject.unwrap();
    assert!(subject.inside_folder);
    assert_eq!(
        subject.action,
        Action::Edit {
            path: scene.file("made.txt").display().to_string(),
            diff: "by the agent\n".to_owned(),
        }
    );
    assert!(
        told.events
            .iter()
            .any(|event| matches!(event, AgentEvent::Usage(_)))
    );
}

#[tokio::test]
async fn what_is_denied_does_not_happen_and_the_agent_goes_on() {
    let rules = |stage: &Stage| {
        vec![
            Rule::when_asked("write the file", vec![write_file(stage, "denied.txt")]),
            Rule::after_tool(vec![Act::say("Understood.")]),
        ]
    };
    let Some(scene) = Scene::new(rules).await else {
        return;
    };
    let told = told(
        scene.new_session("write the file").await,
        Decision::Deny,
        "",
    )
    .await;
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("Understood.".to_owned())
        }
    );
    assert!(!scene.file("denied.txt").exists());
    assert_eq!(statuses(&told), [ToolStatus::Declined]);
}

#[tokio::test]
async fn a_question_gets_its_answer() {
    let question = json!({"questions": [{
        "question": "Which database?", "header": "DB", "multiSelect": false,
        "options": [{"label": "Postgres", "description": "s"}, {"label": "SQLite", "description": "f"}],
    }]});
    let rules = |_: &Stage| {
        vec![
            Rule::when_asked("choose", vec![Act::call("AskUserQuestion", question)]),
            Rule::after_tool(vec![Act::say("Thanks.")]).saying("SQLite"),
        ]
    };
    let Some(scene) = Scene::new(rules).await else {
        return;
    };
    let told = told(scene.new_session("choose").await, Decision::Deny, "SQLite").await;
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("Thanks.".to_owned())
        }
    );
}

#[tokio::test]
async fn an_interrupt_ends_the_command_that_runs() {
    let command = "echo $$ >pid.new; mv pid.new pid; sleep 1000";
    let rules = |_: &Stage| {
        vec![Rule::when_asked(
            "run",
            vec![Act::call("Bash", json!({"command": command}))],
        )]
    };
    let Some(scene) = Scene::new(rules).await else {
        return;
    };
    let mut session = scene.new_session("run").await;
    let mut runs = None;
    let end = loop {
        let event = tokio::time::timeout(Duration::from_mins(1), session.events.recv());
        match event.await.unwrap().unwrap() {
            AgentEvent::ApprovalRequested { reply, .. } => {
                crate::stage::allow(reply);
                runs = Some(crate::stage::written(&scene.file("pid")).await);
                session.stop.interrupt().await;
            }
            AgentEvent::Ended(end) => break end,
            _ => {}
        }
    };
    assert_eq!(end, TurnEnd::Interrupted);
    session.stop.end(crate::stage::GRACE).await;
    assert!(!process::is_alive(runs.unwrap()));
}

#[tokio::test]
async fn a_killed_session_is_taken_up_again() {
    let rules = |stage: &Stage| {
        vec![
            Rule::when_asked(
                "begin",
                vec![Act::say("Begun."), write_file(stage, "first.txt")],
            ),
            Rule::after_tool(vec![Act::say("and then"), Act::Hang]),
            Rule::when_asked("go on", vec![Act::say("Finished.")]),
        ]
    };
    let Some(scene) = Scene::new(rules).await else {
        return;
    };
    let mut session = scene.new_session("begin").await;
    let mut name = None;
    loop {
        match session.events.recv().await.unwrap() {
            AgentEvent::Started { session, .. } => name = session,
            AgentEvent::ApprovalRequested { reply, .. } => crate::stage::allow(reply),
            AgentEvent::Text(text) if text.contains("and then") => break,
            _ => {}
        }
    }
    drop(session);
    let plan = SessionPlan::Resume {
        session: name.clone().unwrap(),
    };
    let told = told(scene.start("go on", plan).await, Decision::Deny, "").await;
    assert_eq!(told.session, name);
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("Finished.".to_owned())
        }
    );
    let last = scene.models.requests().pop().unwrap();
    assert!(last.transcript.contains("Begun."), "{}", last.transcript);
}

#[tokio::test]
async fn a_session_that_is_gone_is_begun_anew_and_says_so() {
    let rules = |_: &Stage| vec![Rule::when_asked("hello", vec![Act::say("Hello.")])];
    let Some(scene) = Scene::new(rules).await else {
        return;
    };
    let plan = SessionPlan::Resume {
        session: "11111111-2222-4333-8444-555555555555".to_owned(),
    };
    let told = told(scene.start("hello", plan).await, Decision::Deny, "").await;
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("Hello.".to_owned())
        }
    );
    assert!(told.events.iter().any(
        |event| matches!(event, AgentEvent::Notice(words) if words.contains("could not be found"))
    ));
}

#[tokio::test]
async fn a_refused_sign_in_fails_at_once_and_for_good() {
    let refuse = Act::refuse(401, "authentication_error", "invalid x-api-key");
    let rules = |_: &Stage| vec![Rule::when_asked("hello", vec![refuse]).always()];
    let Some(scene) = Scene::new(rules).await else {
        return;
    };
    let told = told(scene.new_session("hello").await, Decision::Deny, "").await;
    let TurnEnd::Failed(failure) = told.end else {
        panic!("{:?}", told.end);
    };
    assert_eq!(failure.class, FailureClass::Auth);
    assert!(failure.hint.is_some());
    assert!(scene.models.requests().len() <= 2);
}
