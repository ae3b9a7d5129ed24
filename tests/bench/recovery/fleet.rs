//! A thousand runners whose coordinator is killed and started again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use lifecycle::retry::Backoff;
use protocol::limits::SYNC_HOLD_MS;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use whole::Stage;

use super::{Bar, FLEET_AIM_S, say};
use crate::{coordinator::Coordinator, fleet::Player};

const RUNNERS: usize = 1_000;
const AT_ONCE: usize = 32;
/// How often a runner is registered before that counts as broken.
const REGISTER_TRIES: u32 = 8;
/// How long all of it may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(5);
/// As a runner waits while its coordinator does not answer.
const OFFLINE: Backoff = Backoff {
    first_ms: 2_000,
    max_ms: 20_000,
    tries_max: None,
};

/// Who has synced since the last time that everybody was told to begin anew.
struct Round {
    number: watch::Sender<usize>,
    synced: AtomicUsize,
}

/// From the start of the coordinator to the last runner's answered sync.
pub(super) async fn measure() -> Result<Bar> {
    say(&format!("{RUNNERS} runners lose their coordinator"));
    let stage = Stage::ready();
    let owner = Arc::new(Coordinator::sign_in(stage.url()).await?);
    let round = Arc::new(Round {
        number: watch::Sender::new(0),
        synced: AtomicUsize::new(0),
    });
    let mut playing = register(&owner, &round).await?;
    all_synced(&round, &mut playing).await?;
    stage.end_coordinator("KILL");
    round.synced.store(0, Ordering::SeqCst);
    round.number.send_modify(|number| *number += 1);
    let began = Instant::now();
    stage.start_coordinator();
    all_synced(&round, &mut playing).await?;
    let took = began.elapsed().as_secs_f64();
    playing.shutdown().await;
    Ok(Bar::new("coordinator restarted", "s", took)
        .against("what it may take", FLEET_AIM_S, 1.0)
        .note(format!(
            "until each of {RUNNERS} runners has an answer to a sync"
        )))
}

async fn register(owner: &Arc<Coordinator>, round: &Arc<Round>) -> Result<JoinSet<Result<()>>> {
    let token = Arc::new(owner.command_line_token().await?);
    let mut makers = JoinSet::new();
    for maker in 0..AT_ONCE {
        let (owner, token) = (Arc::clone(owner), Arc::clone(&token));
        makers.spawn(async move {
            let mut players = Vec::new();
            for number in (maker..RUNNERS).step_by(AT_ONCE) {
                players.push(registered(&owner, &token, number).await?);
            }
            anyhow::Ok(players)
        });
    }
    let mut playing = JoinSet::new();
    while let Some(players) = makers.join_next().await {
        for player in players?? {
            playing.spawn(play(player, Arc::clone(owner), Arc::clone(round)));
        }
    }
    Ok(playing)
}

/// One runner more; a coordinator that has too much to do is asked again, as a runner does.
async fn registered(owner: &Coordinator, token: &str, number: usize) -> Result<Player> {
    for tries in 1..REGISTER_TRIES {
        if let Ok(player) = Player::register(owner, token, number).await {
            return Ok(player);
        }
        sleep(Duration::from_millis(OFFLINE.delay_ms(tries, 500, None))).await;
    }
    Player::register(owner, token, number).await
}

/// Syncs as a runner does: one is open all the time, and after a failure the next one waits.
async fn play(mut player: Player, owner: Arc<Coordinator>, round: Arc<Round>) -> Result<()> {
    let mut counted = None;
    let mut failures = 0;
    loop {
        let now = *round.number.borrow();
        // The first says what is new, and is answered at once.
        let hold = if counted == Some(now) {
            SYNC_HOLD_MS
        } else {
            0
        };
        player.held_open_for(hold);
        if player.sync(&owner).await.is_err() {
            failures += 1;
            let chance = u32::try_from(uuid::Uuid::new_v4().as_u128() % 1_000)?;
            let wait = OFFLINE.delay_ms(failures, chance, None);
            sleep(Duration::from_millis(wait)).await;
            continue;
        }
        failures = 0;
        if counted != Some(now) && *round.number.borrow() == now {
            counted = Some(now);
            round.synced.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn all_synced(round: &Round, playing: &mut JoinSet<Result<()>>) -> Result<()> {
    let all = async {
        while round.synced.load(Ordering::SeqCst) < RUNNERS {
            sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        all = timeout(PATIENCE, all) => all.context("some runners never came back"),
        Some(ended) = playing.join_next() => {
            ended??;
            anyhow::bail!("a runner ended")
        }
    }
}
