//! A process ends between a decision and its acknowledgement, at each such place in turn: after a
//! start its job has ended once, with a whole record and every file.

use std::{collections::BTreeSet, fs};

use whole::{Job, Runner, Stage, until};

/// The variables that name the place, and the file by which only one process ends there.
const VARIABLE: &str = "COORD_FAILPOINTS";
const ONCE: &str = "COORD_FAILPOINTS_ONCE";
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
        stage.workers().is_empty().then_some(())
    });
}

/// What a worker is killed at costs its attempt, unless the result was written; none of its record.
fn worker_ends_at(name: &str) {
    let stage = Stage::ready();
    let once = stage.path("once");
    let variables = vec![
        (VARIABLE.into(), name.into()),
        (ONCE.into(), once.display().to_string()),
    ];
    let mut runner = Runner::prepared(&stage, "box").with(variables);
    runner.start();
    runner.wait_for_state("online");
    let job = Job::submit(&stage, &format!("run true\n{SCRIPT}wait 200ms\n"));
    // Who begins again asks again.
    until("the job's end", || {
        let show = job.show();
        for approval in show["approvals"].as_array()? {
            if approval["status"] == "waiting" {
                let id = approval["approval"]["id"].as_str()?;
                stage.coord(["approvals", "allow", id]).run();
            }
        }
        ["done", "failed"]
            .contains(&show["state"].as_str()?)
            .then_some(())
    });
    assert!(once.exists(), "no worker came to {name}");
    let show = job.show();
    assert_eq!(show["state"], "done", "{show}");
    let attempts = show["attempts"].as_array().unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|it| it["outcome"].clone()).collect();
    if name == "worker.result.written" {
        assert_eq!(outcomes, ["succeeded"], "{show}");
    } else {
        assert_eq!(outcomes, ["interrupted", "succeeded"], "{show}");
    }
    assert_eq!(show["artifacts"].as_array().unwrap().len(), 1, "{show}");
    let mut said = BTreeSet::new();
    for attempt in attempts {
        let number = attempt["number"].to_string();
        let here = job
            .coord("logs", &["--json", "--attempt", &number])
            .run()
            .ok();
        let id = attempt["id"].as_str().unwrap();
        let record = runner.data().join("attempts").join(id).join("log.ndjson");
        assert_eq!(here, fs::read_to_string(record).unwrap_or_default());
        said.extend(
            here.lines()
                .filter(|line| line.contains("flood "))
                .map(words),
        );
    }
    assert_eq!(said.len(), 300);
    until("the last process's end", || {
        stage.workers().is_empty().then_some(())
    });
    assert!(stage.processes("demo-agent").is_empty());
}

/// What a line of a log says, whenever it was said.
fn words(line: &str) -> String {
    let entry: serde_json::Value = serde_json::from_str(line).unwrap();
    entry["text"].as_str().unwrap().to_owned()
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
    worker_identity_written: worker_ends_at "worker.identity.written",
    worker_session_written: worker_ends_at "worker.session.written",
    worker_agent_started: worker_ends_at "worker.agent.started",
    worker_log_written: worker_ends_at "worker.log.written",
    worker_answer_written: worker_ends_at "worker.answer.written",
    worker_record_closed: worker_ends_at "worker.record.closed",
    worker_result_written: worker_ends_at "worker.result.written",
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
