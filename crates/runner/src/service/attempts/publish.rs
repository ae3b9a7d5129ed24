//! Handing over what an attempt came to: artifacts, the whole record, the outcome.
//!
//! Only under a lease that runs. Without one the result waits; when the attempt
//! is not this runner's any more, it stays in its folder.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

use control::state::AttemptSummary;
use lifecycle::{
    held::{self, Held},
    retry::CALL,
};
use protocol::{
    digest::sha256_hex,
    error::ErrorCode,
    job::{OutcomeKind, Phase},
    limits::PART_BYTES_MAX,
    record::{Event, NoticeLevel},
    runner::{ArtifactFile, ArtifactManifest, StopReason},
};

use super::{
    Sending,
    life::Place,
    words::{not_ours, refuse},
};
use crate::{
    clock,
    folder::JobFolder,
    service::{api::CallError, janitor::HandedOver},
    worker::{
        package,
        plan::{self, LaunchPlan, WorkResult},
    },
};

/// How publishing came out.
enum Published {
    /// Everything is with the coordinator.
    Whole,
    /// Everything but the artifacts, which it does not take.
    WithoutFiles,
    /// The attempt is not this runner's any more.
    Stopped(StopReason),
}

/// Publishes the result, and lets go of the attempt once nothing of it is left to send.
pub(super) async fn publish(place: &mut Place, mut result: WorkResult) -> io::Result<()> {
    let noted = place.look_for(|event| {
        matches!(
            event,
            Event::PhaseChanged {
                phase: Phase::Publishing
            }
        )
    })?;
    let ended = place.look_for(|event| matches!(event, Event::Ended { .. }))?;
    if !noted && !ended {
        place.append(Event::PhaseChanged {
            phase: Phase::Publishing,
        })?;
    }
    let published = if ended && result.files.is_empty() {
        // Whether there were some that it did not take, nobody remembers.
        Published::WithoutFiles
    } else if ended {
        Published::Whole
    } else {
        hand_over(place, &mut result).await?
    };
    let summary = match published {
        Published::Whole | Published::WithoutFiles => {
            if !ended {
                place.append(Event::Ended {
                    outcome: result.outcome.clone(),
                })?;
                failpoints::reached("runner.ended.written");
            }
            let kept = wait_until_kept(place).await;
            if kept && matches!(published, Published::Whole) {
                prove(place);
            }
            summary(place, &result, None)
        }
        Published::Stopped(reason) => {
            say_where_it_is(place, reason)?;
            wait_until_kept(place).await;
            summary(place, &result, Some(reason))
        }
    };
    failpoints::reached("runner.record.acknowledged");
    place.entry.enter(Phase::Ended);
    place.shared.finish(&place.entry, summary).await;
    Ok(())
}

/// Hands artifacts and record over; the outcome itself comes last, by the caller.
async fn hand_over(place: &mut Place, result: &mut WorkResult) -> io::Result<Published> {
    let plan: Option<LaunchPlan> = plan::read_for_now(&place.entry.folder.launch())?;
    let mut whole = Published::Whole;
    if let Some(plan) = plan.filter(|_| !result.files.is_empty()) {
        let output = JobFolder::at(plan.job_folder).output();
        let mut failures = 0;
        loop {
            if let Some(reason) = leased(place).await {
                return Ok(Published::Stopped(reason));
            }
            match upload(place, &result.files, &output).await {
                Ok(()) => break,
                Err(CallError::Local(error)) if failures == 0 => {
                    failures += 1;
                    repackage(place, result, &output, &error)?;
                }
                Err(error) if error.code() == Some(ErrorCode::FenceMovedOn) => {
                    place.entry.stopped(StopReason::FenceMovedOn);
                }
                Err(error) if is_final(&error) => {
                    give_up(place, result, &error)?;
                    whole = Published::WithoutFiles;
                    break;
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(attempt = %place.entry.id(), %error, "artifacts are handed over later");
                    let jitter = rand::random_range(0..=1000);
                    let delay = CALL.delay_ms(failures, jitter, error.retry_after_ms());
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
            }
        }
    }
    // The outcome names the log's end, so it comes after every entry is kept.
    wait_until_kept(place).await;
    Ok(match leased(place).await {
        Some(reason) => Published::Stopped(reason),
        None => whole,
    })
}

/// Waits for a lease that runs; the reason, when there will be none.
async fn leased(place: &mut Place) -> Option<StopReason> {
    let mut lease = place.entry.lease();
    let usable =
        |held: &Held| held.stopped.is_some() || held::may_publish(held, clock::steady_ms());
    if !usable(&lease.borrow()) {
        place.shared.sync_wanted.notify_one();
    }
    loop {
        tokio::select! {
            held = lease.wait_for(usable) => return held.ok().and_then(|held| held.stopped),
            Some(command) = place.commands.recv() => refuse(command),
        }
    }
}

/// Sends the manifest, then every part that it misses, until it misses none.
async fn upload(place: &Place, files: &[ArtifactFile], output: &Path) -> Result<(), CallError> {
    let manifest = ArtifactManifest {
        fence: place.entry.assignment.fence,
        files: files.to_vec(),
    };
    let id = place.entry.id();
    loop {
        let call = place.shared.session.call().await?;
        let stored = call
            .api
            .manifest(&call.token, id, &manifest)
            .await
            .map_err(|error| call.judged(error))?;
        failpoints::reached("runner.manifest.stored");
        if stored.missing_parts.is_empty() {
            return Ok(());
        }
        for sha256 in &stored.missing_parts {
            let part = read_part(files, output, sha256).map_err(CallError::Local)?;
            let call = place.shared.session.call().await?;
            call.api
                .part(&call.token, id, sha256, part)
                .await
                .map_err(|error| call.judged(error))?;
            failpoints::reached("runner.part.stored");
        }
    }
}

fn read_part(files: &[ArtifactFile], output: &Path, sha256: &str) -> io::Result<Vec<u8>> {
    let place = files.iter().find_map(|file| {
        let index = file.parts.iter().position(|part| part == sha256)?;
        Some((file, index as u64 * PART_BYTES_MAX as u64))
    });
    let (file, offset) = place
        .ok_or_else(|| io::Error::other("the coordinator asks for a part that is in no file"))?;
    let mut opened = File::open(output.join(&file.path))?;
    opened.seek(SeekFrom::Start(offset))?;
    let mut part = Vec::new();
    opened.take(PART_BYTES_MAX as u64).read_to_end(&mut part)?;
    if sha256_hex(&part) != sha256 {
        return Err(io::Error::other(format!(
            "{} has changed since the agent ended",
            file.path
        )));
    }
    Ok(part)
}

/// Somebody changed the output folder after the agent's end: what stands there now counts.
fn repackage(
    place: &Place,
    result: &mut WorkResult,
    output: &Path,
    error: &io::Error,
) -> io::Result<()> {
    result.files = package::collect(output)?.files;
    plan::write(&place.entry.folder.result(), result)?;
    place.append(Event::Notice {
        level: NoticeLevel::Warning,
        message: format!("The output folder was read again, since {error}."),
    })
}

/// Whether trying again could not help.
fn is_final(error: &CallError) -> bool {
    matches!(error, CallError::Local(_))
        || matches!(
            error.code(),
            Some(
                ErrorCode::Invalid
                    | ErrorCode::TooLarge
                    | ErrorCode::NotFound
                    | ErrorCode::Forbidden
                    | ErrorCode::Conflict
            )
        )
}

fn give_up(place: &Place, result: &mut WorkResult, error: &CallError) -> io::Result<()> {
    let message = format!(
        "The artifacts could not be handed over: {error}. They are still in the job's folder on the runner."
    );
    tracing::error!(attempt = %place.entry.id(), "{message}");
    result.files.clear();
    plan::write(&place.entry.folder.result(), result)?;
    place.append(Event::Notice {
        level: NoticeLevel::Error,
        message,
    })
}

/// Writes down that the coordinator has everything, for whoever cleans up one day.
fn prove(place: &Place) {
    let proof = HandedOver {
        at: clock::now(),
        job_id: place.entry.assignment.job_id,
        job_folder: place.entry.view().folder.map(PathBuf::from),
    };
    if let Err(error) = plan::write(&place.entry.folder.handed_over(), &proof) {
        // Without it everything stays.
        tracing::warn!(attempt = %place.entry.id(), %error, "what is left of an attempt is kept for good");
    }
}

/// Waits until everything that is written is kept, or will never be; says whether it is.
async fn wait_until_kept(place: &mut Place) -> bool {
    let written = *place.entry.written.borrow();
    let mut sending = place.entry.sending.subscribe();
    let done = |sending: &Sending| match sending {
        Sending::Kept(kept) => kept.events >= written.events && kept.log >= written.log,
        Sending::Refused(_) => true,
    };
    loop {
        tokio::select! {
            seen = sending.wait_for(done) => {
                return seen.is_ok_and(|sending| matches!(*sending, Sending::Kept(_)));
            }
            Some(command) = place.commands.recv() => refuse(command),
        }
    }
}

fn say_where_it_is(place: &Place, reason: StopReason) -> io::Result<()> {
    if reason == StopReason::Finished {
        return Ok(());
    }
    let folder = place.entry.view().folder;
    let kept = folder.map_or_else(String::new, |folder| {
        format!(" What was done is kept in {folder} on the runner.")
    });
    place.append(Event::Notice {
        level: NoticeLevel::Warning,
        message: format!("{}.{kept}", not_ours(reason)),
    })
}

fn summary(place: &Place, result: &WorkResult, stopped: Option<StopReason>) -> AttemptSummary {
    let entry = &place.entry;
    let outcome = &result.outcome;
    let view = entry.view();
    let kind = match stopped {
        None | Some(StopReason::Finished) => outcome.kind,
        Some(StopReason::Cancelled) => OutcomeKind::Cancelled,
        Some(StopReason::FenceMovedOn | StopReason::Unknown) => OutcomeKind::Lost,
    };
    let why = outcome
        .failure
        .as_ref()
        .map(|failure| failure.message.clone());
    AttemptSummary {
        attempt_id: entry.id(),
        job_id: entry.assignment.job_id,
        job_number: entry.assignment.job_number,
        attempt_number: entry.assignment.attempt_number,
        title: entry.assignment.title.clone(),
        agent: view.agent,
        outcome: kind,
        summary: stopped
            .filter(|reason| *reason != StopReason::Finished)
            .map(not_ours)
            .or(why)
            .or_else(|| outcome.summary.clone()),
        usage: outcome.usage.clone(),
        started_at: entry.started_at,
        ended_at: clock::now(),
        folder: view.folder,
        url: entry.assignment.url.clone(),
    }
}
