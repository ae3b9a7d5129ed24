//! What holds at every moment, whatever went wrong before.

use std::collections::BTreeMap;

use protocol::{
    ids::AttemptId,
    job::{JobState, OutcomeKind, Phase},
    limits::{LEASE_GRACE_MS, LEASE_MS},
    time::Timestamp,
};

use super::{
    claim::{Claim, Job},
    wire::{AboutAttempt, Call},
    work::Work,
    world::World,
};
use crate::{attempt::Stage, held, retry::PARKED_MS_MAX};

/// What the checks remember from one step to the next, and what is counted.
#[derive(Default)]
pub(super) struct Seen {
    stages: BTreeMap<AttemptId, Stage>,
    fences: Vec<u64>,
    pub(super) steps: u64,
    pub(super) outages: u64,
    pub(super) lost: u64,
    pub(super) claims: u64,
    pub(super) parked: u64,
}

fn hold(holds: bool, promise: &str) -> Result<(), String> {
    if holds {
        return Ok(());
    }
    Err(promise.to_owned())
}

impl World {
    /// Looks at everything.
    pub(super) fn check(&mut self) -> Result<(), String> {
        for job in 0..self.store.jobs.len() {
            self.check_job(job)?;
            let at = &self.store.jobs[job];
            for claim in &at.attempts {
                let work = self.runners[claim.runner].attempts.get(&claim.id);
                check_record(claim, work)?;
                self.check_files(at, claim, work)?;
                self.check_lease(claim, work)?;
                self.check_silence(claim)?;
            }
        }
        self.remember();
        Ok(())
    }

    fn check_job(&self, job: usize) -> Result<(), String> {
        let at = &self.store.jobs[job];
        let (mut live, mut publishing, mut successes) = (0, 0, 0);
        for claim in &at.attempts {
            let it = claim.attempt;
            if matches!(it.stage, Stage::Assigned { .. } | Stage::Held { .. }) {
                live += 1;
                hold(it.fence == at.fence, "no older fence is live")?;
            }
            successes += u32::from(it.stage == Stage::Ended(OutcomeKind::Succeeded));
            if let Some(work) = self.runners[claim.runner].attempts.get(&claim.id) {
                let may = held::may_publish(&work.held, self.own_ms(claim.runner));
                publishing += u32::from(may);
            }
        }
        hold(live <= 1, "no job has two attempts under way")?;
        hold(publishing <= 1, "no two runners may publish at once")?;
        hold(successes <= 1, "no job succeeds twice")?;
        hold(
            (at.state == JobState::InProgress) == (live == 1),
            "a job is In Progress exactly while an attempt is under way",
        )?;
        hold(
            (at.state == JobState::Done) == (successes == 1),
            "a job is Done exactly when an attempt succeeded",
        )?;
        let before = self.seen.fences.get(job).copied().unwrap_or_default();
        hold(at.fence >= before, "a fence never goes back")
    }

    fn check_files(&self, job: &Job, claim: &Claim, work: Option<&Work>) -> Result<(), String> {
        if let Some(manifest) = &claim.manifest {
            let all = manifest
                .iter()
                .all(|part| self.store.objects.contains_key(&(claim.id, *part)));
            hold(all, "no object that a row names is missing")?;
        }
        let Some(work) = work else {
            return Ok(());
        };
        if claim.attempt.stage == Stage::Ended(OutcomeKind::Succeeded) {
            let kept = claim.manifest.clone().unwrap_or_default();
            hold(kept == work.parts, "what succeeded has every file")?;
            hold(job.state == JobState::Done, "what succeeded is Done")?;
        }
        let is_ours = matches!(claim.attempt.stage, Stage::Held { .. });
        let is_stored = |part| self.store.objects.contains_key(&(claim.id, part));
        hold(
            !is_ours || work.stored.iter().all(|part| is_stored(*part)),
            "what was acknowledged is stored",
        )
    }

    /// A lease that a runner believes in ends no later than the one that it was granted.
    fn check_lease(&self, claim: &Claim, work: Option<&Work>) -> Result<(), String> {
        let Some(ends) = work.and_then(|work| work.held.lease_ends_ms) else {
            return Ok(());
        };
        let passed = self.store.passed_ms;
        let left = ends.saturating_sub(self.own_ms(claim.runner));
        let granted = self.store.granted.get(&claim.id).copied();
        hold(
            granted.is_some_and(|granted| left == 0 || passed + left <= granted + LEASE_MS),
            "no lease lasts longer than it was granted for",
        )
    }

    /// Silence is not death: nothing is lost before lease and grace have passed in which somebody could be reached.
    fn check_silence(&self, claim: &Claim) -> Result<(), String> {
        let before = self.seen.stages.get(&claim.id);
        let (Some(Stage::Held { lease_ends, .. }), Stage::Ended(OutcomeKind::Lost)) =
            (before, claim.attempt.stage)
        else {
            return Ok(());
        };
        let now = self.store.now;
        let past = |moment: Timestamp, ms: u64| now > moment.plus_millis(ms);
        hold(
            past(*lease_ends, LEASE_GRACE_MS),
            "nothing is lost within its grace",
        )?;
        hold(
            past(self.store.alive.0, LEASE_MS + LEASE_GRACE_MS),
            "an outage of the coordinators loses nothing",
        )
    }

    fn remember(&mut self) {
        self.seen.steps += 1;
        self.seen.fences = self.store.jobs.iter().map(|job| job.fence).collect();
        for claim in self.store.jobs.iter().flat_map(|job| &job.attempts) {
            let before = self.seen.stages.insert(claim.id, claim.attempt.stage);
            let is_lost = claim.attempt.stage == Stage::Ended(OutcomeKind::Lost);
            let parked = Some(Phase::Parked);
            let is_new =
                phase_of(Some(claim.attempt.stage)) == parked && phase_of(before) != parked;
            self.seen.parked += u64::from(is_new);
            self.seen.claims += u64::from(before.is_none());
            self.seen.lost += u64::from(is_lost && before != Some(claim.attempt.stage));
        }
    }

    /// What is published is under a lease, and nobody else holds the job.
    pub(super) fn check_publishing(
        &self,
        runner: usize,
        ended_before: &[AttemptId],
        calls: &[Call],
    ) -> Result<(), String> {
        let shown = calls.iter().filter_map(|call| match call {
            Call::Of {
                id,
                what: AboutAttempt::Part(_) | AboutAttempt::Manifest(_),
                ..
            } => Some(*id),
            _ => None,
        });
        let ended = self.runners[runner].handed_over();
        let new = ended.into_iter().filter(|id| !ended_before.contains(id));
        let now_ms = self.own_ms(runner);
        for id in shown.chain(new) {
            let work = self.runners[runner].attempts.get(&id);
            let lease_ends = work.and_then(|work| work.held.lease_ends_ms);
            hold(
                lease_ends.is_some_and(|ends| now_ms < ends),
                "nothing is published without a lease",
            )?;
            let (job, own) = self.store.find(id)?;
            let others = self.store.jobs[job].attempts.iter().enumerate();
            let held = others
                .filter(|(n, _)| *n != own)
                .any(|(_, it)| matches!(it.attempt.stage, Stage::Held { .. }));
            hold(!held, "nothing is published of what another runner holds")?;
        }
        Ok(())
    }
}

fn phase_of(stage: Option<Stage>) -> Option<Phase> {
    match stage {
        Some(Stage::Held { phase, .. }) => Some(phase),
        _ => None,
    }
}

fn check_record(claim: &Claim, work: Option<&Work>) -> Result<(), String> {
    hold(claim.outcomes <= 1, "an outcome counts once")?;
    let Some(work) = work else {
        return hold(claim.kept.is_empty(), "nothing is kept that nobody wrote");
    };
    hold(
        work.written.starts_with(&claim.kept),
        "what is kept is a prefix of what was written",
    )?;
    hold(
        work.acked <= claim.kept.len() as u64,
        "what was acknowledged is kept",
    )?;
    let forgotten =
        claim.attempt.stage == Stage::Ended(OutcomeKind::Interrupted) && claim.outcomes == 0;
    hold(
        !(forgotten && work.listed),
        "nothing that is held is taken for forgotten",
    )?;
    let begun = !matches!(work.held.phase, Phase::Assigned);
    let unconfirmed = matches!(
        claim.attempt.stage,
        Stage::Assigned { .. } | Stage::Withdrawn
    );
    hold(!(begun && unconfirmed), "no work begins unconfirmed")?;
    hold(
        work.parked_ms <= PARKED_MS_MAX,
        "nothing is parked for ever",
    )
}
