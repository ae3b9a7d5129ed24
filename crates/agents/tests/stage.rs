//! A job's folder, an agent at work in it, and what it told.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use agents::{
    demo,
    driver::{
        Agent as _, AgentEvent, ApprovalReply, Launch, Session, SessionPlan, StartError, TurnEnd,
    },
    prompt::{JobPrompt, for_job},
};
use protocol::{approval::Decision, question::ItemAnswer, runner::PermissionLevel};
use tokio::sync::oneshot;

/// Time that an agent has to leave.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// A folder for one job, in a folder for everything around it.
pub(crate) struct Stage {
    root: tempfile::TempDir,
    folder: PathBuf,
    level: PermissionLevel,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap().join("job");
        std::fs::create_dir(&folder).unwrap();
        Self {
            root,
            folder,
            level: PermissionLevel::Ask,
        }
    }

    /// The same, where the owner lets agents only read.
    pub(crate) fn read_only() -> Self {
        Self {
            level: PermissionLevel::ReadOnly,
            ..Self::new()
        }
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) async fn start(&self, instructions: &str) -> Result<Session, StartError> {
        let id = uuid::Uuid::now_v7();
        self.start_with(instructions, SessionPlan::New { id }).await
    }

    pub(crate) async fn start_with(
        &self,
        instructions: &str,
        session: SessionPlan,
    ) -> Result<Session, StartError> {
        self.begin(demo_program(), instructions, session).await
    }

    pub(crate) async fn start_program(
        &self,
        program: PathBuf,
        instructions: &str,
    ) -> Result<Session, StartError> {
        let id = uuid::Uuid::now_v7();
        self.begin(program, instructions, SessionPlan::New { id })
            .await
    }

    async fn begin(
        &self,
        program: PathBuf,
        instructions: &str,
        session: SessionPlan,
    ) -> Result<Session, StartError> {
        let mut agent = demo::agent(program.clone());
        agent.arguments.clear();
        let launch = Launch {
            program,
            folder: self.folder.clone(),
            environment: vec![("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())],
            model: None,
            extra_arguments: Vec::new(),
            level: self.level,
            session,
            prompt: for_job(&JobPrompt {
                title: "A job",
                instructions,
                ..JobPrompt::default()
            }),
        };
        agent.start(launch).await
    }
}

/// The demo agent's program, which is built with the tests.
fn demo_program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap().join("examples");
    folder.join(format!("demo_agent{}", std::env::consts::EXE_SUFFIX))
}

/// Everything that an agent told in one turn.
pub(crate) struct Told {
    pub(crate) events: Vec<AgentEvent>,
    pub(crate) session: Option<String>,
    pub(crate) end: TurnEnd,
}

/// Reads a turn to its end; answers every request the same way.
pub(crate) async fn told(session: Session, decision: Decision, answer: &str) -> Told {
    told_within(Duration::from_mins(1), session, decision, answer).await
}

/// The same, with a limit of its own.
pub(crate) async fn told_within(
    limit: Duration,
    session: Session,
    decision: Decision,
    answer: &str,
) -> Told {
    told_with_note(limit, session, (decision, None), answer).await
}

/// The same, with words that come with each decision.
pub(crate) async fn told_with_note(
    limit: Duration,
    mut session: Session,
    (decision, note): (Decision, Option<&str>),
    answer: &str,
) -> Told {
    let mut told = Told {
        events: Vec::new(),
        session: None,
        end: TurnEnd::Interrupted,
    };
    let read = async {
        while let Some(event) = session.events.recv().await {
            match event {
                AgentEvent::ApprovalRequested {
                    subject,
                    tool_call,
                    reply,
                } => {
                    reply
                        .send(ApprovalReply {
                            decision,
                            note: note.map(str::to_owned),
                            by_person: true,
                        })
                        .unwrap();
                    let (reply, _) = oneshot::channel();
                    told.events.push(AgentEvent::ApprovalRequested {
                        subject,
                        tool_call,
                        reply,
                    });
                }
                AgentEvent::QuestionAsked { items, reply } => {
                    let answers = items.iter().map(|item| ItemAnswer {
                        key: item.key.clone(),
                        values: vec![answer.to_owned()],
                    });
                    reply.send(answers.collect()).unwrap();
                    let (reply, _) = oneshot::channel();
                    told.events.push(AgentEvent::QuestionAsked { items, reply });
                }
                AgentEvent::Ended(end) => told.end = end,
                // Dropped: whoever waits for it goes on.
                AgentEvent::KeepSession(_) => {}
                event => {
                    if let AgentEvent::Started { session, .. } = &event {
                        told.session.clone_from(session);
                    }
                    told.events.push(event);
                }
            }
        }
    };
    tokio::time::timeout(limit, read).await.unwrap();
    session.stop.end(GRACE).await;
    told
}

impl Told {
    /// What it said, put together.
    pub(crate) fn said(&self) -> String {
        self.events
            .iter()
            .filter_map(|event| match event {
                AgentEvent::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// All of it, one event a line, with neutral names for what differs.
    pub(crate) fn text(&self, stage: &Stage) -> String {
        let mut text = String::new();
        let mut printed = String::new();
        for event in &self.events {
            if let AgentEvent::ToolOutput { text, .. } = event {
                // How it comes in pieces depends on the moment.
                printed.push_str(text);
                continue;
            }
            if !printed.is_empty() {
                writeln!(text, "ToolOutput {:?}", std::mem::take(&mut printed)).unwrap();
            }
            match event {
                AgentEvent::Started { model, .. } => writeln!(text, "Started {model:?}"),
                AgentEvent::Text(words) => writeln!(text, "Text {}", words.trim_end()),
                AgentEvent::ApprovalRequested {
                    subject, tool_call, ..
                } => {
                    writeln!(text, "ApprovalRequested {tool_call:?} {subject:?}")
                }
                AgentEvent::QuestionAsked { items, .. } => {
                    writeln!(text, "QuestionAsked {items:?}")
                }
                event => writeln!(text, "{event:?}"),
            }
            .unwrap();
        }
        let folder = stage.folder().display().to_string();
        let root = stage.root().display().to_string();
        text.replace(&folder, "JOB").replace(&root, "ROOT")
    }
}

/// Allows once.
pub(crate) fn allow(reply: oneshot::Sender<ApprovalReply>) {
    reply
        .send(ApprovalReply {
            decision: Decision::AllowOnce,
            note: None,
            by_person: true,
        })
        .unwrap();
}

/// Writes a program.
pub(crate) fn executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The process whose number a program writes into `file`, once it has.
pub(crate) async fn written(file: &Path) -> process::Identity {
    let found = tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            if let Ok(text) = std::fs::read_to_string(file) {
                return process::Identity::of(text.trim().parse().unwrap()).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    found.await.unwrap()
}
