//! The journal in the words of the service.

use control::state::AttemptSummary;
use journal::{Breaker, EndedAttempt, Journal, Positions};
use protocol::{
    agent::AgentName,
    ids::{AttemptId, InstallationId},
    job::Phase,
    runner::{Assignment, Pause},
    time::Timestamp,
};

use super::attempts::{Numbers, Stage};

/// Why something could not be written down.
pub(crate) type LedgerError = journal::Error;

/// An attempt that an earlier start of the service was looking after.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) assignment: Assignment,
    pub(crate) accepted_at: Timestamp,
    pub(crate) stage: Stage,
    pub(crate) acked: Numbers,
}

/// What must survive a crash of the service.
#[derive(Debug, Clone)]
pub(crate) struct Ledger(Journal);

impl Ledger {
    pub(crate) fn new(journal: Journal) -> Self {
        Self(journal)
    }

    /// Writes an assignment down; false when it was there already.
    pub(crate) async fn accept(
        &self,
        assignment: &Assignment,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        self.0.accept(assignment, at).await
    }

    /// Everything that was under way, in the order in which it came.
    pub(crate) async fn remembered(&self) -> Result<Vec<Remembered>, LedgerError> {
        let held = self.0.held_attempts().await?;
        let remembered = held.into_iter().map(|attempt| Remembered {
            assignment: attempt.assignment,
            accepted_at: attempt.accepted_at,
            stage: stage_of(attempt.held.phase),
            acked: Numbers {
                events: attempt.acked.events,
                log: attempt.acked.log,
            },
        });
        Ok(remembered.collect())
    }

    /// Writes down which step begins.
    pub(crate) async fn stage(&self, id: AttemptId, stage: Stage) -> Result<(), LedgerError> {
        self.0.set_phase(id, stage.phase()).await
    }

    /// Writes down that the worker is started next, where the job's folder is, and which agent will work.
    pub(crate) async fn working(
        &self,
        id: AttemptId,
        folder: &str,
        agent: &AgentName,
    ) -> Result<(), LedgerError> {
        self.0.set_running(id, folder, agent).await
    }

    /// Writes down what the coordinator has acknowledged.
    pub(crate) async fn acked(&self, id: AttemptId, kept: Numbers) -> Result<(), LedgerError> {
        let positions = Positions {
            events: kept.events,
            log: kept.log,
        };
        self.0.set_acked(id, positions).await
    }

    /// Forgets an attempt that never began.
    pub(crate) async fn remove(&self, id: AttemptId) -> Result<(), LedgerError> {
        self.0.forget(id).await
    }

    /// Moves an attempt into the history.
    pub(crate) async fn finish(
        &self,
        workspace: &str,
        summary: AttemptSummary,
    ) -> Result<(), LedgerError> {
        self.0
            .end(&EndedAttempt {
                attempt_id: summary.attempt_id,
                job_id: summary.job_id,
                job_number: summary.job_number,
                attempt_number: summary.attempt_number,
                title: summary.title,
                workspace: workspace.to_owned(),
                agent: summary.agent,
                outcome: summary.outcome,
                summary: summary.summary,
                usage: summary.usage,
                started_at: summary.started_at,
                ended_at: summary.ended_at,
                folder: summary.folder,
                url: summary.url,
            })
            .await
    }

    /// Attempts that ended here, newest first.
    pub(crate) async fn history(&self, limit: u32) -> Result<Vec<AttemptSummary>, LedgerError> {
        let ended = self.0.ended_attempts(limit).await?;
        let summaries = ended.into_iter().map(|ended| AttemptSummary {
            attempt_id: ended.attempt_id,
            job_id: ended.job_id,
            job_number: ended.job_number,
            attempt_number: ended.attempt_number,
            title: ended.title,
            agent: ended.agent,
            outcome: ended.outcome,
            summary: ended.summary,
            usage: ended.usage,
            started_at: ended.started_at,
            ended_at: ended.ended_at,
            folder: ended.folder,
            url: ended.url,
        });
        Ok(summaries.collect())
    }

    /// Carries out a wish for a pause or its end, with its number.
    pub(crate) async fn grant_pause_wish(
        &self,
        pause: Option<&Pause>,
        revision: u64,
    ) -> Result<(), LedgerError> {
        self.0.grant_pause_wish(pause, revision).await
    }

    /// Keeps a pause over a restart, or forgets it.
    pub(crate) async fn pause(&self, pause: Option<&Pause>) -> Result<(), LedgerError> {
        self.0.set_pause(pause).await
    }

    /// Keeps what was counted of failures, with the pause that follows.
    pub(crate) async fn breaker(
        &self,
        breaker: &Breaker,
        pause: Option<&Pause>,
    ) -> Result<(), LedgerError> {
        self.0.set_breaker(breaker, pause).await
    }

    /// Keeps where the data directory is.
    pub(crate) async fn place(&self, place: &str) -> Result<(), LedgerError> {
        self.0.set_place(place).await
    }

    /// Makes this an installation of its own, at `place`.
    pub(crate) async fn become_own(&self, place: &str) -> Result<InstallationId, LedgerError> {
        self.0.become_own(place).await?;
        Ok(self.0.installation().await?.id)
    }

    /// Closes the file.
    pub(crate) async fn close(&self) {
        self.0.close().await;
    }
}

fn stage_of(phase: Phase) -> Stage {
    match phase {
        Phase::Assigned => Stage::Accepted,
        Phase::Preparing => Stage::Preparing,
        Phase::Running | Phase::Retrying | Phase::Parked | Phase::Packaging => Stage::Working,
        Phase::Publishing | Phase::Ended => Stage::Publishing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_reads_back_from_its_phase() {
        for stage in [
            Stage::Accepted,
            Stage::Preparing,
            Stage::Working,
            Stage::Publishing,
        ] {
            assert_eq!(stage_of(stage.phase()), stage);
        }
    }
}
