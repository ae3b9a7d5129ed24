//! A small instance to play with: an owner, a workspace, runners and jobs.

use lifecycle::limits::JobLimits;
use protocol::{
    agent::{AgentName, AgentStatus, Capabilities, Detection, Platform, SignIn},
    api::{PersonRef, Role, Surface},
    ids::{AccountId, AttemptId, BootId, InstallationId, JobId, RequestId, RunnerId, WorkspaceId},
    job::{JobContext, Outcome, OutcomeKind, Phase, Priority, Target},
    record::{Event, EventEntry, LogEntry, LogKind},
    runner::{HeldAttempt, Slots, SyncRequest},
    time::Timestamp,
};
use store::{
    Actor, AttemptRef, Audit, Claim, Claimed, Entry, Job, MonthlyQuotas, NewAccount, NewInvitation,
    NewJob, NewOwner, NewRunner, OwnerCreated, QueueAsk, QueuedJob, Registered, Runner, SignedUp,
    Store, Subject, SyncAccepted, TokenHashes,
};
use uuid::Uuid;

/// When every story begins.
pub(crate) const START: Timestamp = Timestamp(1_000_000);

/// Ada at her browser, as the log names her.
pub(crate) fn ada() -> Actor {
    Actor {
        person: Some(PersonRef {
            id: AccountId(Uuid::nil()),
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
        }),
        surface: Surface::Web,
        address: Some("192.0.2.7".to_owned()),
    }
}

/// How long attempts may take when their jobs do not say so.
pub(crate) const DEADLINE_MS: u64 = 3_600_000_000;

/// An instance with its owner.
pub(crate) struct World<'a> {
    pub(crate) store: &'a Store,
    pub(crate) owner: AccountId,
    pub(crate) workspace: WorkspaceId,
}

/// A runner with the place of its newest sync.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) id: RunnerId,
    pub(crate) boot_id: BootId,
    pub(crate) boot_number: u64,
    pub(crate) seq: u64,
}

pub(crate) fn owner() -> NewOwner {
    NewOwner {
        email: "Ada@Example.com".to_owned(),
        name: "Ada".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        workspace_slug: "lab".to_owned(),
        workspace_name: "The Lab".to_owned(),
    }
}

impl<'a> World<'a> {
    pub(crate) async fn new(store: &'a Store) -> Self {
        let created = store
            .create_first_owner(owner(), START)
            .await
            .expect("made");
        let OwnerCreated::Created { account, workspace } = created else {
            panic!("an owner was there before");
        };
        Self {
            store,
            owner: account.id,
            workspace: workspace.id,
        }
    }

    pub(crate) async fn register(&self, name: &str, installation: u128) -> Runner {
        let new = new_runner(self.owner, name, installation);
        let tokens = hashes(&format!("{name}-{installation}"), START);
        match self
            .store
            .register_runner(new, tokens, START)
            .await
            .expect("registered")
        {
            Registered::Done(runner) => *runner,
            refused => panic!("not registered: {refused:?}"),
        }
    }

    /// A runner with one slot that has said hello.
    pub(crate) async fn machine(&self, installation: u128) -> Machine {
        let runner = self
            .register(&format!("box{installation}"), installation)
            .await;
        let mut machine = Machine {
            id: runner.id,
            boot_id: BootId(Uuid::now_v7()),
            boot_number: 1,
            seq: 0,
        };
        self.sync(&mut machine, &[], START).await;
        machine
    }

    /// Somebody else who joins the workspace, seen as a world of their own.
    pub(crate) async fn joined_by(&self, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let invitation = NewInvitation {
            workspace_id: self.workspace,
            email: email.clone(),
            role: Role::Member,
            token_hash: name.to_owned(),
            invited_by: self.owner,
            expires_at: START.plus_millis(1),
            open_max: 10,
        };
        let store = self.store;
        let invited = store.create_invitation(invitation, Actor::system(), START);
        invited.await.expect("invited");
        let new = NewAccount {
            email,
            name: name.to_owned(),
            password_hash: None,
            is_email_verified: false,
        };
        let token = Some(name.to_owned());
        let made = store.sign_up(new, token, Actor::system(), START).await;
        let SignedUp::Done(account) = made.expect("written") else {
            panic!("{name} does not join");
        };
        Self {
            store,
            owner: account.id,
            workspace: self.workspace,
        }
    }

    /// The runner's next sync, with something else in it.
    pub(crate) async fn sync_with(
        &self,
        machine: &mut Machine,
        change: impl FnOnce(&mut SyncRequest),
    ) {
        machine.seq += 1;
        let mut request = sync_request(machine, &[]);
        change(&mut request);
        let answer = self.store.accept_sync(machine.id, request, START).await;
        answer.expect("written").expect("accepted");
    }

    pub(crate) async fn ready_job(&self, title: &str, now: Timestamp) -> Job {
        let job = new_job(self.workspace, self.owner, title, true);
        self.store
            .create_job(job, Actor::system(), now)
            .await
            .expect("made")
    }

    pub(crate) async fn job(&self, id: JobId) -> Job {
        self.store.job(id).await.expect("read").expect("there")
    }

    /// The runner's next sync, which is accepted.
    pub(crate) async fn sync(
        &self,
        machine: &mut Machine,
        held: &[HeldAttempt],
        now: Timestamp,
    ) -> SyncAccepted {
        machine.seq += 1;
        let request = sync_request(machine, held);
        let answer = self.store.accept_sync(machine.id, request, now).await;
        answer.expect("written").expect("accepted")
    }

    /// The heads of the queue, as a runner without limits finds them.
    pub(crate) async fn queue(&self, of_a_lane: u32) -> Vec<QueuedJob> {
        self.queue_within(of_a_lane, MonthlyQuotas::default(), START)
            .await
    }

    pub(crate) async fn queue_within(
        &self,
        of_a_lane: u32,
        quotas: MonthlyQuotas,
        now: Timestamp,
    ) -> Vec<QueuedJob> {
        let ask = QueueAsk {
            runners: Vec::new(),
            of_a_lane,
            quotas,
            counts_storage: false,
        };
        let mut jobs = self
            .store
            .look_at_queue(&ask, now)
            .await
            .expect("read")
            .jobs;
        jobs.sort_by_key(|job| (job.ready_at, job.id));
        jobs
    }

    pub(crate) async fn claim(&self, machine: &Machine, job: JobId, now: Timestamp) -> Claimed {
        self.claim_within(machine, job, JobLimits::default(), now)
            .await
    }

    pub(crate) async fn claim_within(
        &self,
        machine: &Machine,
        job: JobId,
        limits: JobLimits,
        now: Timestamp,
    ) -> Claimed {
        let claim = Claim {
            job_id: job,
            runner_id: machine.id,
            boot_number: machine.boot_number,
            seq: machine.seq,
            limits,
            deadline_ms: DEADLINE_MS,
        };
        self.store.claim(claim, now).await.expect("written")
    }

    /// A new job, claimed by the machine.
    pub(crate) async fn assigned(&self, machine: &Machine, now: Timestamp) -> AttemptRef {
        let job = self.ready_job("work", now).await;
        self.claimed(machine, job.id, now).await
    }

    pub(crate) async fn claimed(
        &self,
        machine: &Machine,
        job: JobId,
        now: Timestamp,
    ) -> AttemptRef {
        match self.claim(machine, job, now).await {
            Claimed::Done(at) => at,
            other => panic!("not claimed: {other:?}"),
        }
    }

    /// A new job that the machine holds under a confirmed lease.
    pub(crate) async fn held(&self, machine: &mut Machine, now: Timestamp) -> AttemptRef {
        let at = self.assigned(machine, now).await;
        let fence = self.fence(at.attempt_id).await;
        let answer = self
            .sync(machine, &[listed(at.attempt_id, fence)], now)
            .await;
        assert_eq!(answer.leases.len(), 1, "the lease is confirmed: {answer:?}");
        at
    }

    pub(crate) async fn fence(&self, id: AttemptId) -> u64 {
        self.store
            .attempt(id)
            .await
            .expect("read")
            .expect("there")
            .fence
    }

    /// Judges everything that is overdue, as after a long time of being up.
    pub(crate) async fn look_at_the_clock(&self, now: Timestamp) -> Vec<AttemptRef> {
        let mut ended = Vec::new();
        let overdue = self.store.overdue_attempts(None, 100, now).await;
        for id in overdue.expect("read").rows {
            ended.extend(
                self.store
                    .check_attempt(id, Timestamp(0), now)
                    .await
                    .expect("judged"),
            );
        }
        ended
    }
}

pub(crate) fn new_runner(account_id: AccountId, name: &str, installation: u128) -> NewRunner {
    NewRunner {
        account_id,
        installation_id: InstallationId(Uuid::from_u128(installation)),
        name: name.to_owned(),
        short_id: format!("r{installation:05}"),
        platform: platform(),
        runner_version: "0.1.0".to_owned(),
        machine_key: "key".to_owned(),
        runners_max: None,
        revoke: None,
    }
}

/// A line in the log of an account.
pub(crate) fn line(account: AccountId, action: &'static str) -> Audit {
    let subject = Subject::new("account", account, "Ada");
    Audit::of_account(account, Actor::system(), action, subject)
}

pub(crate) fn new_job(
    workspace_id: WorkspaceId,
    created_by: AccountId,
    title: &str,
    ready: bool,
) -> NewJob {
    NewJob {
        workspace_id,
        created_by,
        title: title.to_owned(),
        instructions: "say hello".to_owned(),
        context: JobContext::Local,
        target: Target::My,
        agent: None,
        priority: Priority::Normal,
        deadline_ms: None,
        team: Vec::new(),
        ready,
        model: None,
        extra_arguments: Vec::new(),
    }
}

pub(crate) fn platform() -> Platform {
    Platform {
        os: "linux".to_owned(),
        os_version: "Debian 12".to_owned(),
        arch: "x86_64".to_owned(),
        hostname: "box".to_owned(),
    }
}

pub(crate) fn capabilities() -> Capabilities {
    Capabilities {
        platform: platform(),
        runner_version: "0.1.1".to_owned(),
        agents: vec![AgentStatus {
            detection: Detection::Detected,
            sign_in: SignIn::NotNeeded,
            ..AgentStatus::not_found(AgentName::DEMO, "Demo")
        }],
        tools: Vec::new(),
    }
}

/// Hashes of a pair of tokens that live for an hour and a day.
pub(crate) fn hashes(name: &str, now: Timestamp) -> TokenHashes {
    TokenHashes {
        access: format!("access-{name}"),
        access_expires_at: now.plus_millis(3_600_000),
        refresh: format!("refresh-{name}"),
        refresh_expires_at: now.plus_millis(86_400_000),
    }
}

pub(crate) fn sync_request(machine: &Machine, held: &[HeldAttempt]) -> SyncRequest {
    SyncRequest {
        protocol: 1,
        boot_id: machine.boot_id,
        boot_number: machine.boot_number,
        seq: machine.seq,
        request_id: RequestId(Uuid::nil()),
        hold_ms: 0,
        slots: Slots {
            total: 1,
            free: u32::from(held.is_empty()),
        },
        capabilities_digest: capabilities().digest(),
        capabilities: Some(capabilities()),
        paused: None,
        draining: false,
        troubles: Vec::new(),
        held: held.to_vec(),
        shared_use: None,
        pause_revision: 0,
        refused: Vec::new(),
        orders_kept: Vec::new(),
    }
}

pub(crate) fn listed(attempt_id: AttemptId, fence: u64) -> HeldAttempt {
    HeldAttempt {
        attempt_id,
        fence,
        phase: Phase::Running,
        worker_answered_ms_ago: 0,
    }
}

pub(crate) fn event(n: u64, event: Event) -> Entry<EventEntry> {
    let value = EventEntry {
        n,
        at: Timestamp(7),
        event,
    };
    Entry {
        json: serde_json::to_string(&value).expect("an event is JSON"),
        value,
    }
}

pub(crate) fn log_entry(n: u64) -> Entry<LogEntry> {
    let value = LogEntry {
        n,
        at: Timestamp(7),
        kind: LogKind::Text,
        text: format!("line {n} \u{0} \u{1f600} \"quoted\""),
        partial: false,
    };
    Entry {
        json: serde_json::to_string(&value).expect("an entry is JSON"),
        value,
    }
}

pub(crate) fn ended(n: u64, kind: OutcomeKind, log_last: u64) -> Entry<EventEntry> {
    event(
        n,
        Event::Ended {
            outcome: Outcome {
                kind,
                failure: None,
                summary: Some("done".to_owned()),
                usage: None,
                log_last,
                log_sha256: "a".repeat(64),
            },
        },
    )
}
