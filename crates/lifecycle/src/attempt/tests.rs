//! The life of an attempt, by example and by property.

mod history;

use protocol::{
    error::ErrorCode,
    limits::{LEASE_GRACE_MS, LEASE_MS},
    runner::StopReason,
};

use super::*;
use crate::lease::LeaseTerms;

const FENCE: u64 = 7;
const NOW: Timestamp = Timestamp(1_000_000);

fn facts(now: Timestamp) -> Facts {
    Facts {
        now,
        up_since: Timestamp(0),
        job_fence: FENCE,
        job_state: JobState::InProgress,
        terms: LeaseTerms::default(),
    }
}

fn in_stage(stage: Stage) -> Attempt {
    Attempt {
        fence: FENCE,
        stage,
        cancel_by: None,
    }
}

fn running_until(lease_ends: Timestamp) -> Attempt {
    in_stage(Stage::Held {
        phase: Phase::Running,
        lease_ends,
    })
}

const fn listed_as(phase: Phase, worker_answered_ms_ago: u64) -> Event {
    Event::Listed {
        fence: FENCE,
        phase,
        worker_answered_ms_ago,
    }
}

const fn reported(outcome: OutcomeKind) -> Event {
    Event::Reported {
        fence: FENCE,
        outcome,
    }
}

#[test]
fn a_claim_has_the_next_fence_and_waits_to_be_listed() {
    let made = claimed(FENCE - 1, NOW);
    assert_eq!(made.fence, FENCE);
    let accept_by = NOW.plus_millis(ASSIGNMENT_ACCEPT_MS);
    assert_eq!(made.stage, Stage::Assigned { accept_by });
}

#[test]
fn the_first_listing_confirms_and_each_renews() {
    let (held, effects) = apply(
        claimed(FENCE - 1, NOW),
        listed_as(Phase::Assigned, 0),
        facts(NOW),
    )
    .unwrap();
    assert_eq!(
        effects,
        [Effect::KeepNumber, Effect::Grant, Effect::Announce]
    );
    let later = NOW.plus_millis(10_000);
    let (held, effects) = apply(held, listed_as(Phase::Assigned, 0), facts(later)).unwrap();
    assert_eq!(effects, [Effect::Grant]);
    assert_eq!(
        held.stage,
        Stage::Held {
            phase: Phase::Assigned,
            lease_ends: later.plus_millis(LEASE_MS)
        }
    );
    let (_, effects) = apply(held, listed_as(Phase::Running, 0), facts(later)).unwrap();
    assert_eq!(effects, [Effect::Grant, Effect::Announce]);
}

#[test]
fn a_silent_worker_renews_nothing_while_a_worker_should_answer() {
    for (phase, renews) in [
        (Phase::Assigned, true),
        (Phase::Preparing, false),
        (Phase::Running, false),
        (Phase::Retrying, false),
        (Phase::Packaging, false),
        (Phase::Publishing, true),
        (Phase::Ended, true),
    ] {
        let held = in_stage(Stage::Held {
            phase,
            lease_ends: NOW,
        });
        let silent = listed_as(phase, WORKER_SILENT_AFTER_MS);
        let (after, effects) = apply(held, silent, facts(NOW)).unwrap();
        assert_eq!(effects.contains(&Effect::Grant), renews, "{phase:?}");
        assert_eq!(after != held, renews, "{phase:?}");
    }
}

#[test]
fn silence_past_lease_and_grace_loses_the_attempt_and_not_a_moment_before() {
    let held = running_until(NOW);
    let edge = NOW.plus_millis(LEASE_GRACE_MS);
    let (same, effects) = apply(held, Event::Checked, facts(edge)).unwrap();
    assert_eq!((same, effects.as_slice()), (held, [].as_slice()));
    let (lost, effects) = apply(held, Event::Checked, facts(edge.plus_millis(1))).unwrap();
    assert_eq!(lost.stage, Stage::Ended(OutcomeKind::Lost));
    assert_eq!(
        effects,
        [Effect::Settle(OutcomeKind::Lost), Effect::Announce]
    );
}

#[test]
fn the_terms_decide_how_long_silence_is_borne() {
    let terms = LeaseTerms {
        lease_ms: 10_000,
        grace_ms: 6_000,
    };
    let at = |now| Facts {
        terms,
        ..facts(now)
    };
    let listed = Event::Listed {
        fence: FENCE,
        phase: Phase::Running,
        worker_answered_ms_ago: 0,
    };
    let (held, _) = apply(running_until(NOW), listed, at(NOW)).unwrap();
    assert_eq!(held, running_until(NOW.plus_millis(10_000)));
    let edge = NOW.plus_millis(16_000);
    assert_eq!(apply(held, Event::Checked, at(edge)).unwrap().0, held);
    let (lost, _) = apply(held, Event::Checked, at(edge.plus_millis(1))).unwrap();
    assert_eq!(lost.stage, Stage::Ended(OutcomeKind::Lost));
}

#[test]
fn nothing_is_judged_until_coordinators_have_been_up_long_enough() {
    let back = NOW.plus_millis(10 * LEASE_GRACE_MS);
    let soon = Facts {
        up_since: back,
        ..facts(back.plus_millis(LEASE_MS + LEASE_GRACE_MS))
    };
    let late = Facts {
        now: soon.now.plus_millis(1),
        ..soon
    };
    for attempt in [running_until(NOW), claimed(FENCE - 1, NOW)] {
        let early = Facts { now: back, ..soon };
        assert_eq!(apply(attempt, Event::Checked, early).unwrap().0, attempt);
        assert_ne!(apply(attempt, Event::Checked, late).unwrap().0, attempt);
    }
    let held = running_until(NOW);
    assert_eq!(apply(held, Event::Checked, soon).unwrap().0, held);
}

#[test]
fn an_assignment_that_nobody_lists_goes_back_and_stays_back() {
    let assigned = claimed(FENCE - 1, NOW);
    let late = NOW.plus_millis(ASSIGNMENT_ACCEPT_MS + 1);
    let (gone, effects) = apply(assigned, Event::Checked, facts(late)).unwrap();
    assert_eq!(effects, [Effect::GiveBack, Effect::Announce]);
    let refused = apply(gone, listed_as(Phase::Assigned, 0), facts(late)).unwrap_err();
    assert_eq!(refused, Refused::Withdrawn);
    assert_eq!(refused.stop_reason(), StopReason::Unknown);
}

#[test]
fn a_lost_attempt_comes_back_until_the_next_claim() {
    let lost = in_stage(Stage::Ended(OutcomeKind::Lost));
    let ready = Facts {
        job_state: JobState::Ready,
        ..facts(NOW)
    };
    let (back, effects) = apply(lost, listed_as(Phase::Running, 0), ready).unwrap();
    assert_eq!(back, running_until(NOW.plus_millis(LEASE_MS)));
    assert_eq!(effects, [Effect::TakeBack, Effect::Grant, Effect::Announce]);
    let silent = listed_as(Phase::Running, WORKER_SILENT_AFTER_MS);
    assert_eq!(apply(lost, silent, ready).unwrap(), (lost, Vec::new()));
    let done = OutcomeKind::Succeeded;
    let (_, effects) = apply(lost, reported(done), ready).unwrap();
    assert_eq!(
        effects,
        [Effect::TakeBack, Effect::Settle(done), Effect::Announce]
    );

    let claimed_anew = Facts {
        job_fence: FENCE + 1,
        ..facts(NOW)
    };
    for event in [listed_as(Phase::Running, 0), reported(done)] {
        let refused = apply(lost, event, claimed_anew).unwrap_err();
        assert_eq!(refused, Refused::StaleFence);
    }
    let cancelled = Facts {
        job_state: JobState::Cancelled,
        ..ready
    };
    let refused = apply(lost, listed_as(Phase::Running, 0), cancelled).unwrap_err();
    assert_eq!(refused.stop_reason(), StopReason::Cancelled);
}

#[test]
fn a_report_ends_it_once() {
    let held = running_until(NOW);
    let (over, effects) = apply(held, reported(OutcomeKind::Failed), facts(NOW)).unwrap();
    assert_eq!(
        effects,
        [Effect::Settle(OutcomeKind::Failed), Effect::Announce]
    );
    let again = apply(over, reported(OutcomeKind::Failed), facts(NOW)).unwrap_err();
    assert_eq!(again, Refused::AlreadyEnded);
    assert_eq!(again.code(), ErrorCode::FenceMovedOn);
    let unlisted = apply(
        claimed(FENCE - 1, NOW),
        reported(OutcomeKind::Failed),
        facts(NOW),
    );
    assert_eq!(unlisted.unwrap_err(), Refused::NotConfirmed);
    let lost = apply(held, reported(OutcomeKind::Lost), facts(NOW));
    assert_eq!(lost.unwrap_err(), Refused::NotReportable);
}

#[test]
fn a_cancel_has_one_deadline_that_asking_again_does_not_move() {
    let held = running_until(NOW.plus_millis(LEASE_MS));
    let (asked, _) = apply(held, Event::CancelRequested, facts(NOW)).unwrap();
    let by = NOW.plus_millis(CANCEL_DEADLINE_MS);
    assert_eq!(asked.cancel_by, Some(by));
    let (again, _) = apply(asked, Event::CancelRequested, facts(by)).unwrap();
    assert_eq!(again.cancel_by, Some(by));
    let (renewed, _) = apply(again, listed_as(Phase::Running, 0), facts(by)).unwrap();
    assert_eq!(renewed.cancel_by, Some(by));
    assert_eq!(
        apply(renewed, Event::Checked, facts(by)).unwrap().0,
        renewed
    );
    let (over, effects) = apply(renewed, Event::Checked, facts(by.plus_millis(1))).unwrap();
    assert_eq!(over.stage, Stage::Ended(OutcomeKind::Cancelled));
    assert_eq!(
        effects,
        [Effect::Settle(OutcomeKind::Cancelled), Effect::Announce]
    );
    let refused = apply(over, listed_as(Phase::Running, 0), facts(by)).unwrap_err();
    assert_eq!(refused.stop_reason(), StopReason::Cancelled);
}

#[test]
fn a_cancel_before_any_work_waits_for_nobody() {
    let (gone, effects) =
        apply(claimed(FENCE - 1, NOW), Event::CancelRequested, facts(NOW)).unwrap();
    assert_eq!(gone.stage, Stage::Withdrawn);
    assert_eq!(
        effects,
        [Effect::GiveBack, Effect::CancelJob, Effect::Announce]
    );
}

#[test]
fn attempts_end_with_their_runner() {
    let held = running_until(NOW);
    let (over, _) = apply(held, Event::RunnerEnded, facts(NOW)).unwrap();
    assert_eq!(over.stage, Stage::Ended(OutcomeKind::Interrupted));
    let cancelling = Attempt {
        cancel_by: Some(NOW),
        ..held
    };
    let (over, _) = apply(cancelling, Event::RunnerEnded, facts(NOW)).unwrap();
    assert_eq!(over.stage, Stage::Ended(OutcomeKind::Cancelled));
    let (back, effects) = apply(claimed(FENCE - 1, NOW), Event::RunnerEnded, facts(NOW)).unwrap();
    assert_eq!(back.stage, Stage::Withdrawn);
    assert!(effects.contains(&Effect::GiveBack));
    assert_eq!(apply(over, Event::RunnerEnded, facts(NOW)).unwrap().0, over);
}

#[test]
fn attempts_of_a_removed_runner_end_for_that_reason() {
    let removed = |attempt| apply(attempt, Event::RunnerRemoved, facts(NOW)).unwrap();
    let held = running_until(NOW);
    let (over, effects) = removed(held);
    assert_eq!(over.stage, Stage::Ended(OutcomeKind::RunnerRemoved));
    assert!(effects.contains(&Effect::Settle(OutcomeKind::RunnerRemoved)));
    let cancelling = Attempt {
        cancel_by: Some(NOW),
        ..held
    };
    let (cancelled, _) = removed(cancelling);
    assert_eq!(cancelled.stage, Stage::Ended(OutcomeKind::Cancelled));
    let (back, effects) = removed(claimed(FENCE - 1, NOW));
    assert_eq!(back.stage, Stage::Withdrawn);
    assert!(effects.contains(&Effect::GiveBack));
    assert_eq!(removed(over), (over, Vec::new()));
    let reported = Event::Reported {
        fence: FENCE,
        outcome: OutcomeKind::RunnerRemoved,
    };
    let refused = apply(held, reported, facts(NOW));
    assert_eq!(refused, Err(Refused::NotReportable));
}

#[test]
fn with_its_owner_gone_an_attempt_is_cancelled_and_its_job_goes_back() {
    let held = running_until(NOW);
    let (over, effects) = apply(held, Event::OwnerLeft, facts(NOW)).unwrap();
    assert_eq!(over.stage, Stage::Ended(OutcomeKind::Cancelled));
    assert_eq!(effects, [Effect::Release, Effect::Announce]);
    let listed = Event::Listed {
        fence: FENCE,
        phase: Phase::Running,
        worker_answered_ms_ago: 0,
    };
    let ready = Facts {
        job_state: JobState::Ready,
        ..facts(NOW)
    };
    assert_eq!(apply(over, listed, ready), Err(Refused::Cancelled));
    let cancelling = Attempt {
        cancel_by: Some(NOW),
        ..held
    };
    let (_, effects) = apply(cancelling, Event::OwnerLeft, facts(NOW)).unwrap();
    assert!(effects.contains(&Effect::Settle(OutcomeKind::Cancelled)));
    let lost = in_stage(Stage::Ended(OutcomeKind::Lost));
    let (over, _) = apply(lost, Event::OwnerLeft, ready).unwrap();
    assert_eq!(apply(over, listed, ready), Err(Refused::Cancelled));
    let (back, effects) = apply(claimed(FENCE - 1, NOW), Event::OwnerLeft, facts(NOW)).unwrap();
    assert_eq!(back.stage, Stage::Withdrawn);
    assert!(effects.contains(&Effect::GiveBack));
}

#[test]
fn what_a_runner_does_not_take_goes_back_and_work_that_began_stays() {
    let fence = FENCE;
    let (back, effects) = apply(
        claimed(FENCE - 1, NOW),
        Event::NotTaken { fence },
        facts(NOW),
    )
    .unwrap();
    assert_eq!(back.stage, Stage::Withdrawn);
    assert_eq!(effects, [Effect::GiveBack, Effect::Announce]);
    let held = running_until(NOW);
    let (same, effects) = apply(held, Event::NotTaken { fence }, facts(NOW)).unwrap();
    assert!(same == held && effects.is_empty());
    let stale = Event::NotTaken { fence: FENCE - 1 };
    assert!(apply(claimed(FENCE - 1, NOW), stale, facts(NOW)).is_err());
}

#[test]
fn what_a_runner_has_forgotten_is_interrupted_and_an_assignment_on_its_way_is_not() {
    let (over, effects) = apply(running_until(NOW), Event::Unlisted, facts(NOW)).unwrap();
    assert_eq!(over.stage, Stage::Ended(OutcomeKind::Interrupted));
    assert!(effects.contains(&Effect::Settle(OutcomeKind::Interrupted)));
    let assigned = claimed(FENCE - 1, NOW);
    assert_eq!(
        apply(assigned, Event::Unlisted, facts(NOW)).unwrap().0,
        assigned
    );
}

#[test]
fn entries_are_late_unless_the_attempt_is_held_under_the_newest_fence() {
    let held = running_until(NOW);
    assert!(!is_late(held, facts(NOW)));
    assert!(is_late(
        in_stage(Stage::Ended(OutcomeKind::Lost)),
        facts(NOW)
    ));
    let claimed_anew = Facts {
        job_fence: FENCE + 1,
        ..facts(NOW)
    };
    assert!(is_late(held, claimed_anew));
}

#[test]
fn a_deadline_ends_what_is_held_and_leaves_everything_else() {
    let ends_by = NOW;
    let late = facts(ends_by.plus_millis(1));
    let event = Event::Overdue { ends_by };
    let held = running_until(NOW.plus_millis(60_000));
    let (over, effects) = apply(held, event, late).unwrap();
    assert_eq!(over.stage, Stage::Ended(OutcomeKind::Failed));
    assert_eq!(
        effects,
        [Effect::Settle(OutcomeKind::Failed), Effect::Announce]
    );
    assert_eq!(apply(held, event, facts(ends_by)).unwrap().0, held);
    let cancelled = Attempt {
        cancel_by: Some(NOW.plus_millis(5)),
        ..held
    };
    assert_eq!(apply(cancelled, event, late).unwrap().0, cancelled);
    // Its runner may have finished while nobody could be told.
    let just_back = Facts {
        up_since: NOW,
        ..late
    };
    assert_eq!(apply(held, event, just_back).unwrap().0, held);
    for stage in [
        Stage::Assigned { accept_by: NOW },
        Stage::Ended(OutcomeKind::Lost),
        Stage::Withdrawn,
    ] {
        let attempt = in_stage(stage);
        assert_eq!(apply(attempt, event, late).unwrap(), (attempt, Vec::new()));
    }
}
