//! The worker's last deed: the result, packaged for the service to hand over.

use std::io;

use agents::redact::Redactor;
use protocol::{
    job::{Failure, FailureClass, Outcome, OutcomeKind, Phase},
    record::{Event, NoticeLevel, Usage},
    runner::ArtifactFile,
};
use tokio::sync::mpsc;

use super::{
    drive::{Drive, End},
    package,
    plan::{LaunchPlan, WorkResult},
    recorder::Recorder,
};
use crate::{
    disk,
    folder::{AttemptFolder, JobFolder},
    link::Asked,
};

impl Drive {
    /// Collects the result once the agent is gone.
    pub(super) async fn pack(
        &mut self,
        end: End,
        job: &JobFolder,
        asked: &mut mpsc::Receiver<Asked>,
    ) -> io::Result<WorkResult> {
        self.enter(Phase::Packaging)?;
        let usage = self.total_usage();
        let files = collected(&end, &mut self.recorder, job)?;
        let closed = loop {
            self.wait_for_room(asked).await?;
            match self.recorder.close() {
                Err(error) if disk::is_full(&error) => {}
                closed => break closed?,
            }
        };
        failpoints::reached("worker.record.closed");
        self.publish();
        Ok(result(end, usage, files, closed))
    }
}

pub(super) fn packaged(
    end: End,
    usage: Option<Usage>,
    recorder: &mut Recorder,
    job: &JobFolder,
) -> io::Result<WorkResult> {
    let files = collected(&end, recorder, job)?;
    let closed = recorder.close()?;
    Ok(result(end, usage, files, closed))
}

/// The files that are handed over, and the last words in the log.
fn collected(end: &End, recorder: &mut Recorder, job: &JobFolder) -> io::Result<Vec<ArtifactFile>> {
    let mut files = Vec::new();
    // What was called off is kept in its folder, and handed to nobody.
    if matches!(end.kind, OutcomeKind::Succeeded | OutcomeKind::Failed) {
        match package::collect(&job.output()) {
            Ok(package) => {
                for message in package.left_out {
                    recorder.event(Event::Notice {
                        level: NoticeLevel::Warning,
                        message,
                    })?;
                }
                files = package.files;
            }
            Err(error) => recorder.event(Event::Notice {
                level: NoticeLevel::Error,
                message: format!(
                    "The output folder could not be read, so there are no artifacts: {error}"
                ),
            })?,
        }
    }
    if let Some(failure) = &end.failure {
        recorder.say(&failure.message)?;
    }
    Ok(files)
}

fn result(
    end: End,
    usage: Option<Usage>,
    files: Vec<ArtifactFile>,
    (log_last, log_sha256): (u64, String),
) -> WorkResult {
    WorkResult {
        outcome: Outcome {
            kind: end.kind,
            failure: end.failure,
            summary: end.summary,
            usage,
            log_last,
            log_sha256,
        },
        files,
    }
}

/// A fault of the worker itself must not leave the attempt without an end.
pub(super) fn after_a_fault(
    folder: &AttemptFolder,
    redactor: Redactor,
    plan: &LaunchPlan,
) -> io::Result<WorkResult> {
    let mut recorder = Recorder::open(folder, redactor, plan.log_bytes_max)?;
    let end = End {
        kind: OutcomeKind::Interrupted,
        failure: Some(Failure {
            class: FailureClass::Transient,
            message: "The runner's worker broke down because of a fault of its own.".to_owned(),
            hint: Some("Please report it, with the file worker.log of the attempt.".to_owned()),
            until: None,
        }),
        summary: None,
    };
    packaged(end, None, &mut recorder, &JobFolder::at(&plan.job_folder))
}
