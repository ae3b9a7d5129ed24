//! Compares the object store with the rows that name its objects, an hour after the other.
//!
//! An object that no row names was uploaded and never committed, or belongs to what was
//! deleted. One that is a day old is put aside, and deleted when it has lain there for
//! a week; what a row names after all comes back. A row whose object is missing is
//! named in the log and counted, and nothing else: a back-up may still have it.

mod folder;

use std::{collections::VecDeque, sync::Arc};

use object_store::{ObjectStoreExt as _, path::Path};
use protocol::{
    ids::{AttemptId, JobId},
    time::Timestamp,
};
use tokio::sync::Mutex;

use super::sweep::Sweep;
use crate::{
    app::App,
    objects::{ARTIFACTS, ATTACHMENTS, LOGS},
};

/// How long after a whole round the next one begins.
const ROUND_EVERY_MS: u64 = 60 * 60 * 1_000;
/// How old an object without a row is before it is put aside.
const OLD_MS: u64 = 24 * 60 * 60 * 1_000;
/// How long it lies there: long enough to notice a database that is not the one of these files.
const ASIDE_MS: u64 = 7 * OLD_MS;
/// How many folders, or pages of rows, are compared in one look.
const AT_ONCE: usize = 200;
/// How many rows are read at once.
const PAGE: u32 = 50;

/// Why a look was broken off, or an object could not be dealt with.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotCompared {
    #[error("the database could not carry it out")]
    Store(#[from] store::Error),
    #[error("the object store could not carry it out")]
    Objects(#[from] object_store::Error),
    #[error("a row names it, and it is not there; look for it in a back-up")]
    Missing,
}

/// How far the present round has come.
#[derive(Default)]
pub(super) struct Round(Mutex<Left>);

#[derive(Default)]
struct Left {
    pieces: VecDeque<Piece>,
    sweep: Option<Sweep>,
    next_at: Option<Timestamp>,
}

/// A piece of a round.
enum Piece {
    /// What was put aside at one moment.
    Aside(Path),
    /// The objects of one job or attempt.
    Folder(Path),
    /// The rows of attachments, after that key.
    Attachments(Option<String>),
    /// The rows of parts and sealed logs, after that key.
    Attempts(Option<String>),
}

/// Goes on with the round, or begins one when it is time.
pub(super) async fn look(app: &App, round: &Arc<Round>) -> Result<(), NotCompared> {
    let now = app.now();
    let mut left = round.0.lock().await;
    if left.pieces.is_empty() {
        if left.next_at.is_some_and(|next_at| now < next_at) {
            return Ok(());
        }
        left.pieces = pieces(app).await?;
        left.sweep = Some(Sweep::begin("objects"));
    }
    for _ in 0..AT_ONCE {
        if app.stopping.is_cancelled() {
            return Ok(());
        }
        let Some(piece) = left.pieces.pop_front() else {
            // With this the rows that failed in the whole round are told.
            left.sweep = None;
            left.next_at = Some(now.plus_millis(ROUND_EVERY_MS));
            return Ok(());
        };
        let mut sweep = left.sweep.take().unwrap_or_else(|| Sweep::begin("objects"));
        let follows = compare(app, piece, &mut sweep, now).await;
        left.sweep = Some(sweep);
        left.pieces.extend(follows?);
    }
    Ok(())
}

async fn pieces(app: &App) -> Result<VecDeque<Piece>, NotCompared> {
    let mut pieces = VecDeque::new();
    let aside = app
        .objects
        .list_with_delimiter(Some(&folder::aside()))
        .await?;
    pieces.extend(aside.common_prefixes.into_iter().map(Piece::Aside));
    for kind in [ATTACHMENTS, ARTIFACTS, LOGS] {
        let folders = app
            .objects
            .list_with_delimiter(Some(&Path::from(kind)))
            .await?;
        pieces.extend(folders.common_prefixes.into_iter().map(Piece::Folder));
    }
    pieces.extend([Piece::Attachments(None), Piece::Attempts(None)]);
    Ok(pieces)
}

/// Deals with one piece; the piece that follows it.
async fn compare(
    app: &App,
    piece: Piece,
    sweep: &mut Sweep,
    now: Timestamp,
) -> Result<Option<Piece>, NotCompared> {
    match piece {
        Piece::Aside(path) => {
            if let Err(error) = folder::look_aside(app, &path, now).await {
                sweep.failed(&path, &error);
            }
            Ok(None)
        }
        Piece::Folder(path) => {
            if let Err(error) = folder::put_aside(app, &path, now).await {
                sweep.failed(&path, &error);
            }
            Ok(None)
        }
        Piece::Attachments(after) => {
            let page = app
                .store
                .jobs_with_attachments(after.as_deref(), PAGE)
                .await?;
            let next = page.next.clone().map(|next| Piece::Attachments(Some(next)));
            for job in sweep.take(page) {
                let named = folder::named_by_job(app, job).await;
                check_named(app, named, &job, sweep).await;
            }
            Ok(next)
        }
        Piece::Attempts(after) => {
            let page = app
                .store
                .attempts_with_objects(after.as_deref(), PAGE)
                .await?;
            let next = page.next.clone().map(|next| Piece::Attempts(Some(next)));
            for attempt in sweep.take(page) {
                let named = folder::named_by_attempt(app, attempt).await;
                check_named(app, named, &attempt, sweep).await;
            }
            Ok(next)
        }
    }
}

/// Reports each object that is named and not there.
async fn check_named(
    app: &App,
    named: Result<Vec<Path>, store::Error>,
    whose: &(dyn std::fmt::Display + Sync),
    sweep: &mut Sweep,
) {
    let named = match named {
        Ok(named) => named,
        Err(error) => return sweep.failed(&whose, &error),
    };
    for path in named {
        match app.objects.head(&path).await {
            Ok(_) => {}
            Err(object_store::Error::NotFound { .. }) => {
                sweep.failed(&path, &NotCompared::Missing);
            }
            Err(error) => sweep.failed(&path, &error),
        }
    }
}

/// Whose objects a folder holds.
enum Owner {
    Job(JobId),
    Attempt(AttemptId),
}
