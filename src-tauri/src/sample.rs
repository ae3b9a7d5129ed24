//! States of a service for unit tests.

use control::state::{
    Config, Connection, RunnerRef, RunningAttempt, ServiceState, WaitingApproval,
};
use protocol::{
    agent::AgentName,
    approval::{Action, Approval, ApprovalSubject},
    job::Phase,
    runner::{Slots, Trouble},
    time::Timestamp,
};

/// A signed-in service without jobs.
pub(crate) fn online() -> ServiceState {
    ServiceState {
        version: "0.1.0".to_owned(),
        pid: 4711,
        started_at: Timestamp(0),
        connection: Connection::Online,
        runner: Some(RunnerRef {
            id: id(1),
            name: "workbench".to_owned(),
            short_id: "k3v9xw".to_owned(),
        }),
        account: Some(protocol::api::PersonRef {
            id: id(2),
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
        }),
        credentials: None,
        slots: Slots { total: 3, free: 3 },
        paused: None,
        draining: false,
        troubles: Vec::new(),
        agents: Vec::new(),
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
            workspace_dir: Some("/home/ada/Coord".to_owned()),
            slots: 3,
            agents: std::collections::BTreeMap::new(),
            shared_use: control::state::SharedUseConfig::default(),
            permission: protocol::runner::PermissionLevel::default(),
            approval_timeout_min: 30,
            space: control::state::SpaceConfig::default(),
            workspaces: std::collections::BTreeMap::new(),
            locked: Vec::new(),
            file: "/home/ada/.local/share/coord/runner/config.toml".to_owned(),
        },
    }
}

/// A running attempt that began at the epoch.
pub(crate) fn attempt() -> RunningAttempt {
    RunningAttempt {
        attempt_id: id(3),
        job_id: id(4),
        job_number: 12,
        attempt_number: 1,
        title: "Fix the login redirect".to_owned(),
        workspace: "Engines".to_owned(),
        agent: Some(AgentName::new(AgentName::DEMO)),
        phase: Phase::Running,
        started_at: Timestamp(0),
        last_action: None,
        folder: Some("/home/ada/Coord/engines/12-fix/attempt-1".to_owned()),
        url: "https://coord.example.com/w/engines/jobs/12".to_owned(),
        worker_answers: true,
        cancelling: false,
        parked: None,
    }
}

/// An approval of [`attempt`].
pub(crate) fn approval() -> WaitingApproval {
    let subject = ApprovalSubject {
        action: Action::Run {
            command: "git push origin main".to_owned(),
        },
        directory: "/home/ada/Coord/engines/12-fix/attempt-1".to_owned(),
        inside_folder: true,
        claimed_reason: None,
        risks: Vec::new(),
    };
    WaitingApproval {
        attempt_id: id(3),
        job_number: 12,
        title: "Fix the login redirect".to_owned(),
        agent: Some(AgentName::new(AgentName::DEMO)),
        approval: Approval::new(id(5), subject, Timestamp(0)),
    }
}

/// A coordinator that does not answer.
pub(crate) fn offline() -> Connection {
    Connection::Offline {
        since: Timestamp(0),
        message: "coord.example.com does not answer.".to_owned(),
        retry_at: Timestamp(20_000),
    }
}

/// A workspace directory that is gone.
pub(crate) fn trouble() -> Trouble {
    Trouble {
        code: "workspace_missing".to_owned(),
        message: "The workspace directory is missing. Choose another one.".to_owned(),
    }
}

fn id<T: std::str::FromStr>(n: u8) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("0190f5a0-0000-7000-8000-0000000000{n:02x}")
        .parse()
        .unwrap()
}
