//! A service that does what a test tells it, behind the real socket: for looks
//! and states of the app that a real job passes too quickly.

use std::sync::Arc;

use anyhow::Context as _;
use control::{
    Handler, Limits, Server,
    message::{Reply, Request},
    state::{Config, Connection, RunnerRef, RunningAttempt, ServiceState, WaitingApproval},
};
use protocol::{
    agent::{AgentName, AgentStatus, Detection, SignIn},
    api::PersonRef,
    approval::{Action, Approval, ApprovalSubject},
    ids::{ApprovalId, AttemptId},
    job::Phase,
    record::{LogEntry, LogKind},
    runner::Slots,
    time::Timestamp,
};
use tokio::sync::{Mutex, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::desk::{Desk, eventually};

/// A scripted service on a desktop.
pub(crate) struct Service {
    inner: Arc<Inner>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

struct Inner {
    states: watch::Sender<Arc<ServiceState>>,
    heard: Mutex<Vec<Request>>,
}

impl Handler for Inner {
    fn states(&self) -> watch::Receiver<Arc<ServiceState>> {
        self.states.subscribe()
    }

    fn workers(&self) -> Vec<u32> {
        Vec::new()
    }

    async fn handle(&self, request: Request) -> Reply {
        self.heard.lock().await.push(request.clone());
        match request {
            Request::History { .. } => Reply::History {
                attempts: Vec::new(),
            },
            Request::ReadLog { after, .. } => Reply::Log {
                entries: if after == 0 { log() } else { Vec::new() },
                complete: true,
            },
            _ => Reply::Done,
        }
    }
}

impl Service {
    /// Starts it on `desk`, in `state`.
    pub(crate) async fn start(desk: &Desk, state: ServiceState) -> anyhow::Result<Self> {
        let server = Server::bind(&desk.data(), Limits::default()).await?;
        let inner = Arc::new(Inner {
            states: watch::Sender::new(Arc::new(state)),
            heard: Mutex::default(),
        });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(server.serve(Arc::clone(&inner), stop.clone()));
        Ok(Self { inner, stop, tasks })
    }

    /// Changes the state, which every face hears.
    pub(crate) fn change(&self, change: impl FnOnce(&mut ServiceState)) {
        self.inner.states.send_modify(|state| {
            change(Arc::make_mut(state));
        });
    }

    /// Waits for a request that `wanted` picks.
    pub(crate) async fn hears<T>(
        &self,
        what: &str,
        wanted: impl Fn(&Request) -> Option<T>,
    ) -> anyhow::Result<T> {
        eventually(&format!("the service is asked to {what}"), async || {
            Ok(self.inner.heard.lock().await.iter().find_map(&wanted))
        })
        .await
        .with_context(|| format!("the service was never asked to {what}"))
    }

    /// How many requests so far `wanted` picks.
    pub(crate) async fn heard(&self, wanted: impl Fn(&Request) -> bool) -> usize {
        let heard = self.inner.heard.lock().await;
        heard.iter().filter(|request| wanted(request)).count()
    }

    /// Ends it.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// A signed-in service without jobs.
pub(crate) fn online(desk: &Desk) -> ServiceState {
    ServiceState {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started_at: now(),
        connection: Connection::Online,
        runner: Some(RunnerRef {
            id: id(1),
            name: "workbench".to_owned(),
            short_id: "k3v9xw".to_owned(),
        }),
        account: Some(PersonRef {
            id: id(2),
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
        }),
        credentials: None,
        slots: Slots { total: 3, free: 3 },
        paused: None,
        draining: false,
        troubles: Vec::new(),
        agents: vec![AgentStatus {
            detection: Detection::Detected,
            version: Some("0.1.0".to_owned()),
            sign_in: SignIn::NotNeeded,
            ..AgentStatus::not_found(AgentName::DEMO, "Demo agent")
        }],
        tools: Vec::new(),
        scanning: false,
        space_used: None,
        attempts: Vec::new(),
        approvals: Vec::new(),
        questions: Vec::new(),
        settled: Vec::new(),
        rules: Vec::new(),
        config: Config {
            server: Some("https://coord.example.com".to_owned()),
            name: None,
            workspace_dir: Some(desk.home().join("Coord").to_string_lossy().into_owned()),
            slots: 3,
            agents: std::collections::BTreeMap::new(),
            shared_use: control::state::SharedUseConfig::default(),
            permission: protocol::runner::PermissionLevel::default(),
            approval_timeout_min: 30,
            space: control::state::SpaceConfig::default(),
            workspaces: std::collections::BTreeMap::new(),
            locked: Vec::new(),
            file: desk
                .data()
                .join("config.toml")
                .to_string_lossy()
                .into_owned(),
        },
    }
}

/// Signed out, as on a fresh machine.
pub(crate) fn signed_out(desk: &Desk) -> ServiceState {
    ServiceState {
        connection: Connection::SignedOut { because: None },
        runner: None,
        account: None,
        ..online(desk)
    }
}

/// A running job with this number.
pub(crate) fn attempt(number: u8, title: &str) -> RunningAttempt {
    RunningAttempt {
        attempt_id: attempt_id(number),
        job_id: id(number + 100),
        job_number: u64::from(number),
        attempt_number: 1,
        title: title.to_owned(),
        workspace: "Engines".to_owned(),
        agent: Some(AgentName::new(AgentName::DEMO)),
        phase: Phase::Running,
        started_at: now(),
        last_action: Some("Reads src/login.rs".to_owned()),
        folder: None,
        url: format!("https://coord.example.com/w/engines/jobs/{number}"),
        worker_answers: true,
        cancelling: false,
        parked: None,
    }
}

/// The attempt of the job with this number.
pub(crate) fn attempt_id(number: u8) -> AttemptId {
    id(number + 50)
}

/// An approval that the job with this number waits for.
pub(crate) fn approval(number: u8, command: &str) -> WaitingApproval {
    let subject = ApprovalSubject {
        action: Action::Run {
            command: command.to_owned(),
        },
        directory: "/home/ada/Coord/engines/12-fix/attempt-1".to_owned(),
        inside_folder: true,
        claimed_reason: Some("The branch has to be on the server.".to_owned()),
        risks: Vec::new(),
    };
    WaitingApproval {
        attempt_id: attempt_id(number),
        job_number: u64::from(number),
        title: "Fix the login redirect".to_owned(),
        agent: Some(AgentName::new(AgentName::DEMO)),
        approval: Approval::new(approval_id(number), subject, now()),
    }
}

/// Id of the approval of the job with this number.
pub(crate) fn approval_id(number: u8) -> ApprovalId {
    id(number + 150)
}

fn log() -> Vec<LogEntry> {
    (1..=40)
        .map(|n| LogEntry {
            n,
            at: now(),
            kind: if n % 3 == 0 {
                LogKind::Tool
            } else {
                LogKind::Text
            },
            text: format!("line {n} of the log"),
            partial: false,
        })
        .collect()
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[expect(clippy::unwrap_used, reason = "every such text is an id")]
fn id<T: std::str::FromStr>(n: u8) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("0190f5a0-0000-7000-8000-0000000000{n:02x}")
        .parse()
        .unwrap()
}
