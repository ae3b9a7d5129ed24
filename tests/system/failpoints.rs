//! A process ends between a decision and its acknowledgement, at each such place in turn: after a
//! start its job has ended once, with a whole record and every file.

use std::{collections::BTreeSet, fs};

use whole::{Job, Runner, Stage, until};

/// The variable that names the place.
const VARIABLE: &str = "COORD_FAILPOINTS";
/// Where the places are listed.
const PLACES: &str = include_str!("../../crates/failpoints/src/lib.rs");
/// A job that comes past every place.
const SCRIPT: &str = "say begin\nflood 300 80\noutput a.txt it works\nsay end\n";

/// Fails unless the job was done once, and both ends hold the same.
fn check(job: &Job<'_>, runner: &Runner<'_>) {
    job.wait().ok();
    let show = job.show();
    assert_eq!(show["state"], "done", "{show}");
    let attempts = show["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{show}");
    assert_eq!(attempts[0]["outcome"], "succeeded");
    let artifacts = show["artifacts"].as_array().unwrap();
    assert_eq!(artifacts.len(), 1, "{show}");
    assert_eq!(artifacts[0]["path"], "a.txt");
    let on_disk = fs::read_to_string(job.record(runner).join("log.ndjson")).unwrap();
    assert_eq!(job.log_lines(), on_disk);
    let said = job.said();
    let flood: BTreeSet<_> = said
        .iter()
        .filter(|line| line.starts_with("flood "))
        .collect();
    assert_eq!(flood.len(), 300);
}

fn runner_ends_at(name: &str) {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    runner.end("TERM");
    let job = Job::submit(&stage, SCRIPT);
    // Anew, so that it renews its tokens.
    let mut armed = Runner::prepared(&stage, "box").with(vec![(VARIABLE.into(), name.into())]);
    armed.start();
    assert_eq!(armed.ended(), None, "it was killed at {name}");
    runner.start();
    runner.wait_for_state("online");
    check(&job, &runner);
    until("the worker's end", || {
        stage.processes("worker").is_empty().then_some(())
    });
}

fn coordinator_ends_at(name: &str) {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    runner.end("TERM");
    let job = Job::submit(&stage, SCRIPT);
    stage.end_coordinator("TERM");
    // The place may come with any call of the runner's, so nothing here depends on an answer.
    stage.start_coordinator_with(&[(VARIABLE, name)]);
    runner.start();
    stage.coordinator_ended();
    stage.start_coordinator();
    check(&job, &runner);
}

/// One test for each place, and one that none is left out.
macro_rules! places {
    ($($test:ident: $ends:ident $place:literal,)*) => {
        $(
            #[test]
            fn $test() {
                $ends($place);
            }
        )*

        #[test]
        fn every_place_has_its_test() {
            let tested: BTreeSet<&str> = [$($place),*].into();
            let (lists, _) = PLACES.split_once("struct Armed").unwrap();
            let names = lists.lines().filter_map(|line| line.trim().strip_prefix('"'));
            let all: BTreeSet<&str> = names.map(|name| name.trim_end_matches("\",")).collect();
            assert_eq!(tested, all);
        }
    };
}

places! {
    runner_worker_ahead: runner_ends_at "runner.worker.ahead",
    runner_assignment_written: runner_ends_at "runner.assignment.written",
    runner_lease_heard: runner_ends_at "runner.lease.heard",
    runner_stage_written: runner_ends_at "runner.stage.written",
    runner_work_written: runner_ends_at "runner.work.written",
    runner_worker_started: runner_ends_at "runner.worker.started",
    runner_result_read: runner_ends_at "runner.result.read",
    runner_manifest_stored: runner_ends_at "runner.manifest.stored",
    runner_part_stored: runner_ends_at "runner.part.stored",
    runner_ended_written: runner_ends_at "runner.ended.written",
    runner_entries_acknowledged: runner_ends_at "runner.entries.acknowledged",
    runner_record_acknowledged: runner_ends_at "runner.record.acknowledged",
    runner_tokens_received: runner_ends_at "runner.tokens.received",
    runner_tokens_kept: runner_ends_at "runner.tokens.kept",
    coordinator_sync_accepted: coordinator_ends_at "coordinator.sync.accepted",
    coordinator_claim_committed: coordinator_ends_at "coordinator.claim.committed",
    coordinator_events_kept: coordinator_ends_at "coordinator.events.kept",
    coordinator_log_kept: coordinator_ends_at "coordinator.log.kept",
    coordinator_manifest_stored: coordinator_ends_at "coordinator.manifest.stored",
    coordinator_part_stored: coordinator_ends_at "coordinator.part.stored",
    coordinator_outcome_accepted: coordinator_ends_at "coordinator.outcome.accepted",
    coordinator_tokens_rotated: coordinator_ends_at "coordinator.tokens.rotated",
    coordinator_seal_begun: coordinator_ends_at "coordinator.seal.begun",
    coordinator_seal_stored: coordinator_ends_at "coordinator.seal.stored",
}
