//! A lease on clocks that jump and machines that sleep.

use lifecycle::held::{may_publish, wants_answer_at_once};
use protocol::limits::LEASE_MS;
use serde_json::json;

use super::*;
use crate::clock::tests::{set_calendar, sleep};

fn entry() -> Entry {
    let assignment: Assignment = serde_json::from_value(json!({
        "attempt_id": uuid::Uuid::from_u128(1), "fence": 4, "job_id": uuid::Uuid::from_u128(2),
        "workspace_id": uuid::Uuid::from_u128(3), "workspace": "team", "job_number": 1,
        "attempt_number": 1, "title": "A job", "instructions": "", "context": "local", "url": "/",
    }))
    .unwrap();
    let folder = AttemptFolder::at("/nowhere");
    let acked = Numbers::default();
    Entry::new(assignment, folder, Timestamp(5), Phase::Assigned, acked).0
}

fn grant(entry: &Entry, sent_at_ms: u64) {
    let grant = LeaseGrant {
        attempt_id: entry.id(),
        fence: 4,
        lease_ms: LEASE_MS,
    };
    entry.answered(Some(&grant), None, sent_at_ms);
}

fn leased(entry: &Entry) -> bool {
    may_publish(&entry.held(), clock::steady_ms())
}

#[test]
fn a_calendar_that_is_set_neither_ends_nor_lengthens_a_lease() {
    let entry = entry();
    grant(&entry, clock::steady_ms());
    entry.worker_answered();
    for calendar in [Timestamp(0), Timestamp(i64::MAX / 2), Timestamp(-5)] {
        set_calendar(calendar);
        assert_eq!(clock::now(), calendar);
        assert!(leased(&entry), "{calendar:?}");
        assert!(entry.listed().worker_answered_ms_ago < LEASE_MS);
    }
    sleep(LEASE_MS);
    set_calendar(Timestamp(5));
    assert!(
        !leased(&entry),
        "as if no time had passed, says the calendar"
    );
}

#[test]
fn a_machine_that_slept_past_its_lease_knows_it_and_asks_before_it_publishes() {
    let entry = entry();
    grant(&entry, clock::steady_ms());
    entry.worker_answered();
    entry.enter(Phase::Publishing);
    assert!(leased(&entry));
    sleep(LEASE_MS);
    assert!(!leased(&entry));
    assert!(wants_answer_at_once(&entry.held(), clock::steady_ms()));
    assert!(
        entry.listed().worker_answered_ms_ago >= LEASE_MS,
        "an answer from before the sleep is an old one"
    );
    // An answer to a sync from before the sleep brings a lease that has ended, too.
    grant(&entry, clock::steady_ms() - LEASE_MS);
    assert!(!leased(&entry));
    grant(&entry, clock::steady_ms());
    assert!(leased(&entry));
}
