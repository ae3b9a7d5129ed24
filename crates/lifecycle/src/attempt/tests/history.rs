//! What holds over any history of an attempt.

use proptest::prelude::*;

use super::*;

fn any_phase() -> impl Strategy<Value = Phase> {
    prop::sample::select(vec![
        Phase::Assigned,
        Phase::Preparing,
        Phase::Running,
        Phase::Retrying,
        Phase::Packaging,
        Phase::Publishing,
        Phase::Ended,
    ])
}

fn any_outcome() -> impl Strategy<Value = OutcomeKind> {
    prop::sample::select(vec![
        OutcomeKind::Succeeded,
        OutcomeKind::Failed,
        OutcomeKind::Cancelled,
        OutcomeKind::Interrupted,
        OutcomeKind::Lost,
        OutcomeKind::RunnerRemoved,
    ])
}

fn any_event() -> impl Strategy<Value = Event> {
    let fence = prop::sample::select(vec![FENCE - 1, FENCE, FENCE, FENCE, FENCE + 1]);
    prop_oneof![
        (fence.clone(), any_phase(), 0..60_000_u64).prop_map(|(fence, phase, ago)| {
            Event::Listed {
                fence,
                phase,
                worker_answered_ms_ago: ago,
            }
        }),
        (fence, any_outcome()).prop_map(|(fence, outcome)| Event::Reported { fence, outcome }),
        Just(Event::Checked),
        Just(Event::Overdue {
            ends_by: Timestamp(0)
        }),
        Just(Event::Unlisted),
        Just(Event::CancelRequested),
        Just(Event::RunnerEnded),
        Just(Event::RunnerRemoved),
        Just(Event::OwnerLeft),
        (0..3_u64).prop_map(|fence| Event::NotTaken { fence }),
    ]
}

/// Called off, lost before it could be cancelled, and then its runner's owner leaves.
#[test]
fn a_loss_that_has_settled_a_job_is_not_settled_again() {
    let listing = Event::Listed {
        fence: FENCE,
        phase: Phase::Assigned,
        worker_answered_ms_ago: 0,
    };
    let (held, _) = apply(claimed(FENCE - 1, NOW), listing, facts(NOW)).unwrap();
    let late = NOW.plus_millis(10 * facts(NOW).terms.patience_ms());
    let (called_off, _) = apply(held, Event::CancelRequested, facts(late)).unwrap();
    let (lost, effects) = apply(called_off, Event::Checked, facts(late)).unwrap();
    assert_eq!(lost.stage, Stage::Ended(OutcomeKind::Lost));
    assert!(effects.contains(&Effect::Settle(OutcomeKind::Lost)));
    let (over, effects) = apply(lost, Event::OwnerLeft, facts(late)).unwrap();
    assert_eq!(over.stage, Stage::Ended(OutcomeKind::Cancelled));
    assert_eq!(effects, [Effect::Announce]);
}

proptest! {
    /// Over any history: the fence stays, a lease is never shortened, a deadline never moves,
    /// and an end other than Lost is final.
    #[test]
    fn what_holds_over_any_history(
        events in prop::collection::vec((any_event(), 0..400_000_u64, any::<bool>()), 1..40)
    ) {
        let mut attempt = claimed(FENCE - 1, NOW);
        let mut now = NOW;
        for (event, passed, ready) in events {
            now = now.plus_millis(passed);
            let facts = Facts {
                job_state: if ready { JobState::Ready } else { JobState::InProgress },
                ..facts(now)
            };
            let before = attempt;
            let Ok((after, effects)) = apply(before, event, facts) else {
                continue;
            };
            prop_assert_eq!(after.fence, before.fence);
            if let (Some(was), is) = (before.cancel_by, after.cancel_by) {
                prop_assert_eq!(is, Some(was));
            }
            match (before.stage, after.stage) {
                (Stage::Held { lease_ends: was, .. }, Stage::Held { lease_ends: is, .. }) => {
                    prop_assert!(is >= was);
                }
                (Stage::Ended(OutcomeKind::Lost), _) => {}
                (Stage::Ended(_) | Stage::Withdrawn, _) => {
                    prop_assert_eq!(after, before);
                    prop_assert!(effects.is_empty());
                }
                _ => {}
            }
            let settled = effects.iter().any(|effect| matches!(effect, Effect::Settle(_)));
            let ended_now = before.stage != after.stage && matches!(after.stage, Stage::Ended(_));
            let was_lost = before.stage == Stage::Ended(OutcomeKind::Lost);
            if event == Event::OwnerLeft && (before.cancel_by.is_none() || was_lost) {
                prop_assert!(!settled, "nobody called the job off, or its loss has settled that");
            } else {
                prop_assert_eq!(settled, ended_now);
            }
            attempt = after;
        }
    }
}
