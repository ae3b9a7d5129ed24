//! Runners that take what they are given, hold it, and say something else each time they sync.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use protocol::{
    agent::{AgentStatus, Capabilities, Detection, Platform, SignIn},
    ids::{BootId, RequestId},
    job::Phase,
    runner::{HeldAttempt, Slots, SyncRequest, SyncResponse, Trouble},
    version,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{AT_ONCE, registration};
use crate::coordinator::Coordinator;

/// How often each runner syncs: about as often as one whose sync is held open.
const SYNC_EVERY: Duration = Duration::from_secs(15);
/// How many jobs each runner works on at once.
pub(super) const SLOTS: u32 = 4;
/// How long a sync is held open while a runner still has free slots.
const HELD_OPEN_MS: u64 = 2_000;

/// Runners at play.
pub(super) struct Fleet {
    playing: JoinSet<Result<()>>,
    end: CancellationToken,
    syncs: Arc<AtomicU64>,
    began: Instant,
}

impl Fleet {
    /// Registers `count` runners, and lets them sync until each has as many jobs as it takes.
    pub(super) async fn start(owner: &Arc<Coordinator>, count: usize) -> Result<Self> {
        let token = Arc::new(owner.command_line_token().await?);
        let mut makers = JoinSet::new();
        for maker in 0..AT_ONCE {
            let (owner, token) = (Arc::clone(owner), Arc::clone(&token));
            makers.spawn(async move {
                let mut players = Vec::new();
                for number in (maker..count).step_by(AT_ONCE) {
                    players.push(Player::register(&owner, &token, number).await?);
                }
                anyhow::Ok(players)
            });
        }
        let mut fleet = Self {
            playing: JoinSet::new(),
            end: CancellationToken::new(),
            syncs: Arc::default(),
            began: Instant::now(),
        };
        let (busy, mut idle) = watch::channel(0_usize);
        while let Some(players) = makers.join_next().await {
            for player in players?? {
                let (owner, end, syncs) = (owner.clone(), fleet.end.clone(), fleet.syncs.clone());
                let busy = busy.clone();
                fleet.playing.spawn(async move {
                    end.run_until_cancelled(player.play(owner, syncs, busy))
                        .await
                        .unwrap_or(Ok(()))
                });
            }
        }
        tokio::select! {
            all = idle.wait_for(|busy| *busy == count) => {
                all.context("every runner has gone")?;
            }
            Some(ended) = fleet.playing.join_next() => ended??,
        }
        fleet.began = Instant::now();
        fleet.syncs.store(0, Ordering::Relaxed);
        Ok(fleet)
    }

    /// Ends it; says how many syncs there were in a second.
    pub(super) async fn end(mut self) -> Result<f64> {
        let syncs = u32::try_from(self.syncs.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        let rate = f64::from(syncs) / self.began.elapsed().as_secs_f64();
        self.end.cancel();
        while let Some(ended) = self.playing.join_next().await {
            ended??;
        }
        Ok(rate)
    }
}

/// One runner.
pub(crate) struct Player {
    token: String,
    number: usize,
    boot_id: BootId,
    seq: u64,
    held: Vec<HeldAttempt>,
    /// How long a sync is held open while there are free slots.
    hold_ms: u64,
}

impl Player {
    /// A runner of the owner's, with a number of its own.
    pub(crate) async fn register(owner: &Coordinator, token: &str, number: usize) -> Result<Self> {
        let registered = owner
            .with_token(token, "/api/runner/v1/register", &registration(number))
            .await?;
        let token = registered["tokens"]["access_token"].as_str();
        Ok(Self {
            token: token.context("a runner's token")?.to_owned(),
            number,
            boot_id: BootId(Uuid::now_v7()),
            seq: 0,
            held: Vec::new(),
            hold_ms: HELD_OPEN_MS,
        })
    }

    /// Takes as many jobs as it can, and then syncs again and again, not all runners at the same moment.
    async fn play(
        mut self,
        owner: Arc<Coordinator>,
        syncs: Arc<AtomicU64>,
        busy: watch::Sender<usize>,
    ) -> Result<()> {
        while self.free() > 0 || self.held.iter().any(|held| held.phase == Phase::Assigned) {
            self.sync(&owner).await?;
        }
        busy.send_modify(|busy| *busy += 1);
        let share = u32::try_from(self.number % 1_000).unwrap_or_default();
        sleep(SYNC_EVERY * share / 1_000).await;
        let mut next = tokio::time::interval(SYNC_EVERY);
        loop {
            next.tick().await;
            self.sync(&owner).await?;
            syncs.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn free(&self) -> u32 {
        SLOTS.saturating_sub(u32::try_from(self.held.len()).unwrap_or(SLOTS))
    }

    /// What makes it look different each time, once it has all its jobs: with a trouble it gets none.
    fn troubles(&self) -> Vec<Trouble> {
        if self.free() > 0 {
            return Vec::new();
        }
        vec![Trouble {
            code: "disk_low".to_owned(),
            message: format!("{} GB are left on the disk.", self.seq),
        }]
    }

    /// Lets its syncs be held open for so long while it has free slots.
    pub(crate) const fn held_open_for(&mut self, hold_ms: u64) {
        self.hold_ms = hold_ms;
    }

    /// Says what it holds, and takes in what it is told.
    pub(crate) async fn sync(&mut self, owner: &Coordinator) -> Result<()> {
        self.seq += 1;
        let able = capabilities();
        let request = SyncRequest {
            protocol: version::CURRENT,
            boot_id: self.boot_id,
            boot_number: 1,
            seq: self.seq,
            request_id: RequestId(Uuid::now_v7()),
            hold_ms: if self.free() > 0 { self.hold_ms } else { 0 },
            slots: Slots {
                total: SLOTS,
                free: self.free(),
            },
            capabilities_digest: able.digest(),
            capabilities: (self.seq == 1).then_some(able),
            paused: None,
            draining: false,
            troubles: self.troubles(),
            shared_use: None,
            pause_revision: 0,
            held: self.held.clone(),
            refused: Vec::new(),
            orders_kept: Vec::new(),
        };
        let body = serde_json::to_value(&request)?;
        let answer = owner
            .with_token(&self.token, "/api/runner/v1/sync", &body)
            .await?;
        let answer: SyncResponse = serde_json::from_value(answer)?;
        ensure!(answer.stop.is_empty(), "to stop: {:?}", answer.stop);
        for lease in answer.leases {
            for held in &mut self.held {
                if held.attempt_id == lease.attempt_id {
                    held.phase = Phase::Running;
                }
            }
        }
        let known: Vec<_> = self.held.iter().map(|held| held.attempt_id).collect();
        let new = answer.assignments.into_iter();
        let new = new.filter(|given| !known.contains(&given.attempt_id));
        self.held.extend(new.map(|given| HeldAttempt {
            attempt_id: given.attempt_id,
            fence: given.fence,
            phase: Phase::Assigned,
            worker_answered_ms_ago: 0,
        }));
        Ok(())
    }
}

/// A machine like most.
pub(super) fn platform() -> Platform {
    let word = str::to_owned;
    Platform {
        os: word("linux"),
        os_version: word("Debian GNU/Linux 12 (bookworm)"),
        arch: word("x86_64"),
        hostname: word("rack"),
    }
}

fn capabilities() -> Capabilities {
    let agent = |name: &str, title: &str, detection| AgentStatus {
        detection,
        version: Some("1.2.3".to_owned()),
        sign_in: SignIn::SignedIn,
        hint: Some("Install it from its maker's page.".to_owned()),
        ..AgentStatus::not_found(name, title)
    };
    Capabilities {
        platform: platform(),
        runner_version: "0.1.0".to_owned(),
        agents: vec![
            agent("claude", "Claude Code", Detection::Detected),
            agent("codex", "Codex", Detection::Detected),
            agent("gemini", "Gemini CLI", Detection::NotFound),
        ],
        tools: Vec::new(),
    }
}
