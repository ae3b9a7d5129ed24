//! Runners that hold nothing and say something else each time they sync.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use protocol::{
    agent::{AgentName, AgentStatus, Capabilities, Detection, Platform, SignIn},
    ids::{BootId, RequestId},
    runner::{Slots, SyncRequest, Trouble},
    version,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{AT_ONCE, registration};
use crate::coordinator::Coordinator;

/// How often each runner syncs: about as often as one whose sync is held open.
const SYNC_EVERY: Duration = Duration::from_secs(15);

/// Runners at play.
pub(super) struct Fleet {
    playing: JoinSet<Result<()>>,
    end: CancellationToken,
    syncs: Arc<AtomicU64>,
    began: Instant,
}

impl Fleet {
    /// Registers `count` runners and lets them sync; comes back when each has done so once.
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
        while let Some(players) = makers.join_next().await {
            for mut player in players?? {
                player.sync(owner).await?;
                let (owner, end, syncs) = (owner.clone(), fleet.end.clone(), fleet.syncs.clone());
                fleet.playing.spawn(async move {
                    end.run_until_cancelled(player.play(owner, syncs))
                        .await
                        .unwrap_or(Ok(()))
                });
            }
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
struct Player {
    token: String,
    number: usize,
    boot_id: BootId,
    seq: u64,
}

impl Player {
    async fn register(owner: &Coordinator, token: &str, number: usize) -> Result<Self> {
        let registered = owner
            .with_token(token, "/api/runner/v1/register", &registration(number))
            .await?;
        let token = registered["tokens"]["access_token"].as_str();
        Ok(Self {
            token: token.context("a runner's token")?.to_owned(),
            number,
            boot_id: BootId(Uuid::now_v7()),
            seq: 0,
        })
    }

    /// Syncs again and again, not all runners at the same moment.
    async fn play(mut self, owner: Arc<Coordinator>, syncs: Arc<AtomicU64>) -> Result<()> {
        let share = u32::try_from(self.number % 1_000).unwrap_or_default();
        sleep(SYNC_EVERY * share / 1_000).await;
        let mut next = tokio::time::interval(SYNC_EVERY);
        loop {
            next.tick().await;
            self.sync(&owner).await?;
            syncs.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn sync(&mut self, owner: &Coordinator) -> Result<()> {
        self.seq += 1;
        let able = capabilities();
        let request = SyncRequest {
            protocol: version::CURRENT,
            boot_id: self.boot_id,
            boot_number: 1,
            seq: self.seq,
            request_id: RequestId(Uuid::now_v7()),
            hold_ms: 0,
            slots: Slots { total: 4, free: 4 },
            capabilities_digest: able.digest(),
            capabilities: (self.seq == 1).then_some(able),
            paused: None,
            draining: false,
            troubles: vec![Trouble {
                code: "disk_low".to_owned(),
                message: format!("{} GB are left on the disk.", self.seq),
            }],
            shared_use: None,
            pause_revision: 0,
            held: Vec::new(),
            refused: Vec::new(),
            orders_kept: Vec::new(),
        };
        let body = serde_json::to_value(&request)?;
        let answer = owner
            .with_token(&self.token, "/api/runner/v1/sync", &body)
            .await?;
        ensure!(answer["settings"].is_object(), "not an answer: {answer}");
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
        name: AgentName::new(name),
        title: title.to_owned(),
        detection,
        enabled: true,
        version: Some("1.2.3".to_owned()),
        path: None,
        sign_in: SignIn::SignedIn,
        hint: Some("Install it from its maker's page.".to_owned()),
    };
    Capabilities {
        platform: platform(),
        runner_version: "0.1.0".to_owned(),
        agents: vec![
            agent("claude", "Claude Code", Detection::Detected),
            agent("codex", "Codex", Detection::Detected),
            agent("gemini", "Gemini CLI", Detection::NotFound),
        ],
    }
}
