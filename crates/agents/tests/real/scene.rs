//! One real agent in a home of its own, with a model that does as it is told.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use agents::{
    MARK_VARIABLE,
    driver::{AgentEvent, Launch, Lookout, Session, SessionPlan, TurnEnd},
    prompt::{JobPrompt, for_job},
};
use process::Mark;
use protocol::{
    agent::AgentStatus,
    approval::Decision,
    job::{Failure, FailureClass},
    record::ToolStatus,
    runner::PermissionLevel,
};
use testkit::models::{Models, Rule};

use super::agent::{Home, RealAgent};
use crate::stage::{GRACE, Stage, Told, told_with_note, told_within};

/// Longest time for anything; some agents are silent for minutes when their model is.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

pub(crate) struct Scene {
    pub(crate) real: &'static dyn RealAgent,
    pub(crate) models: Models,
    pub(crate) level: PermissionLevel,
    pub(crate) permissive: bool,
    stage: Stage,
    mark: Mark,
    url: String,
}

impl Scene {
    pub(crate) async fn new(real: &'static dyn RealAgent, rules: Vec<Rule>) -> Self {
        let models = Models::start(rules).await.unwrap();
        let url = models.url();
        let stage = Stage::new();
        for folder in ["home", "temporary"] {
            std::fs::create_dir(stage.root().join(folder)).unwrap();
        }
        let mark = Mark {
            name: MARK_VARIABLE.to_owned(),
            value: uuid::Uuid::now_v7().to_string(),
        };
        Self {
            real,
            models,
            level: PermissionLevel::Ask,
            permissive: false,
            stage,
            mark,
            url,
        }
    }

    /// With nobody at the model's address.
    pub(crate) async fn without_models(real: &'static dyn RealAgent) -> Self {
        let mut scene = Self::new(real, Vec::new()).await;
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        scene.url = format!("http://{}", free.local_addr().unwrap());
        scene
    }

    pub(crate) fn folder(&self) -> &Path {
        self.stage.folder()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    fn environment(&self, signed_in: bool) -> Vec<(String, String)> {
        let home = self.stage.root().join("home");
        let mut environment = self.real.settle(&Home {
            folder: &home,
            models: &self.url,
            signed_in,
            permissive: self.permissive,
        });
        // What was installed beside a program is its own.
        let beside = self.real.program();
        let beside = beside.parent().unwrap().display();
        let temporary = self.stage.root().join("temporary");
        environment.extend([
            ("HOME".to_owned(), home.display().to_string()),
            ("TMPDIR".to_owned(), temporary.display().to_string()),
            (
                "PATH".to_owned(),
                format!("{beside}:/usr/local/bin:/usr/bin:/bin"),
            ),
            (self.mark.name.clone(), self.mark.value.clone()),
        ]);
        environment
    }

    pub(crate) async fn detect(&self, signed_in: bool) -> AgentStatus {
        let program = self.real.program();
        let lookout = Lookout {
            program: Some(program.clone()),
            search_path: Vec::new(),
            environment: self.environment(signed_in),
            patience: Duration::from_secs(30),
        };
        self.real.agent(&program).detect(&lookout).await
    }

    pub(crate) async fn start(&self, words: &str, session: SessionPlan) -> Session {
        let program = self.real.program();
        let launch = Launch {
            program: program.clone(),
            folder: self.folder().to_owned(),
            environment: self.environment(true),
            model: Some(self.real.model().to_owned()),
            extra_arguments: Vec::new(),
            level: self.level,
            session,
            prompt: for_job(&JobPrompt {
                title: "A job",
                instructions: words,
                ..JobPrompt::default()
            }),
        };
        self.real.agent(&program).start(launch).await.unwrap()
    }

    pub(crate) async fn new_session(&self, words: &str) -> Session {
        let id = uuid::Uuid::new_v4();
        self.start(words, SessionPlan::New { id }).await
    }

    /// A whole turn of a new session.
    pub(crate) async fn told(&self, words: &str, decision: Decision, answer: &str) -> Told {
        self.read(self.new_session(words).await, decision, answer)
            .await
    }

    /// The rest of a turn, to its end.
    pub(crate) async fn read(&self, session: Session, decision: Decision, answer: &str) -> Told {
        told_within(PATIENCE, session, decision, answer).await
    }

    /// A whole turn of a new session in which everything is denied with these words.
    pub(crate) async fn told_why_not(&self, words: &str, note: &str) -> Told {
        let session = self.new_session(words).await;
        told_with_note(PATIENCE, session, (Decision::Deny, Some(note)), "").await
    }

    /// Why a turn failed in which nothing was to be decided.
    pub(crate) async fn failure(&self) -> (FailureClass, Failure) {
        let told = self.told("hello", Decision::Deny, "").await;
        match told.end {
            TurnEnd::Failed(failure) => (failure.class, failure),
            end => panic!("it ended well: {end:?}"),
        }
    }

    /// Ends the session, and sees that nothing of it lives on.
    pub(crate) async fn end(&self, mut session: Session) {
        session.stop.end(GRACE).await;
        let left = process::marked(&self.mark);
        assert!(left.is_empty(), "{} processes are left", left.len());
    }
}

/// The next event that `wanted` turns into something; others are passed over.
pub(crate) async fn next<T>(
    session: &mut Session,
    mut wanted: impl FnMut(AgentEvent) -> Option<T>,
) -> T {
    let found = async {
        loop {
            let event = session.events.recv().await;
            let event = event.expect("the events end before what was waited for");
            if let AgentEvent::Ended(end) = &event {
                let end = end.clone();
                match wanted(event) {
                    Some(found) => return found,
                    None => panic!("it ended: {end:?}"),
                }
            } else if let Some(found) = wanted(event) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.unwrap()
}

pub(crate) fn statuses(told: &Told) -> Vec<ToolStatus> {
    told.events
        .iter()
        .filter_map(|event| match event {
            AgentEvent::ToolEnded { status, .. } => Some(*status),
            _ => None,
        })
        .collect()
}
