//! A disk that is full: nothing is lost, the worker answers, and work goes on once there is room.
//!
//! The disk is a small file system in memory, mounted in a namespace of its own: this
//! program starts itself in there. Where the system does not allow that, the test
//! says so and shows nothing.

use std::{fs, io::Write as _, path::Path, process::ExitCode, time::Duration};

use libtest_mimic::{Failed, Trial};
use protocol::record::Event;
use serde_json::json;

use super::{Attempt, Face, until};

/// The first argument of this program inside the namespace.
pub(crate) const INSIDE: &str = "on-a-small-disk";
/// How much room the disk has.
const DISK_BYTES: u64 = 6 * 1024 * 1024;
/// Lines, and how long each is: more than the disk holds, so the agent has to wait for room.
const FLOOD: &str = "flood 6000 1000";

/// What is played there, by the name that it has inside the namespace.
const WHILE_IT_WORKS: &str = "while-it-works";
const BEFORE_IT_BEGINS: &str = "before-it-begins";
const CALLED_OFF: &str = "called-off";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "worker::a_full_disk_stops_the_agent_and_loses_nothing",
            || outside(WHILE_IT_WORKS),
        ),
        Trial::test(
            "worker::no_agent_begins_before_its_worker_could_write_down_who_it_is",
            || outside(BEFORE_IT_BEGINS),
        ),
        Trial::test(
            "worker::what_is_called_off_on_a_full_disk_starts_no_agent",
            || outside(CALLED_OFF),
        ),
    ]
}

/// Starts this program once more, in a namespace with a small disk.
fn outside(scenario: &str) -> Result<(), Failed> {
    let disk = tempfile::tempdir()?;
    let script = "mount -t tmpfs -o size=\"$3\" none \"$1\" && \
                  exec \"$2\" on-a-small-disk \"$1\" \"$4\"";
    let program = process::Program::new("unshare")
        .arguments(["-Urm", "sh", "-c", script, "sh"])
        .argument(disk.path())
        .argument(std::env::current_exe()?)
        .argument(DISK_BYTES.to_string())
        .argument(scenario)
        .environment(process::own_environment());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let probe = process::Program::new("unshare")
        .arguments(["-Urm", "true"])
        .environment(process::own_environment());
    let allowed = runtime.block_on(probe.run_briefly(Duration::from_secs(10)));
    if !allowed.is_ok_and(|ran| ran.status.success()) {
        println!("NOT SHOWN: this system allows no namespaces, so no small disk can be mounted");
        return Ok(());
    }
    let ran = runtime
        .block_on(program.run_briefly(Duration::from_secs(50)))
        .map_err(|error| Failed::from(error.to_string()))?;
    if ran.status.success() {
        return Ok(());
    }
    Err(Failed::from(ran.stderr))
}

/// One of the tests itself, on the small disk at `disk`.
pub(crate) fn inside(disk: &Path, scenario: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    match scenario {
        WHILE_IT_WORKS => runtime.block_on(while_it_works(disk)),
        BEFORE_IT_BEGINS => runtime.block_on(before_it_begins(disk)),
        CALLED_OFF => runtime.block_on(called_off(disk)),
        other => panic!("there is no {other}"),
    }
    ExitCode::SUCCESS
}

/// An attempt whose worker starts on a disk without any room, and answers.
async fn without_room(disk: &Path) -> (Attempt, process::Identity, Face) {
    let attempt = Attempt::in_folder(
        tempfile::tempdir_in(disk).unwrap(),
        "say begin\nsay end",
        &std::env::current_exe().unwrap(),
    );
    let mut ballast = fs::File::create(disk.join("ballast")).unwrap();
    while ballast.write_all(&[0; 4096]).is_ok() {}
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    assert_eq!(face.ask(json!({ "ask": "ping" })).await, None);
    assert!(!attempt.record().join("worker.json").exists());
    (attempt, worker, face)
}

fn make_room(disk: &Path) {
    fs::write(disk.join("ballast"), []).unwrap();
}

fn has_begun(attempt: &Attempt) -> bool {
    let begun = |event: &Event| matches!(event, Event::SessionStarted { .. });
    attempt.events().iter().any(begun)
}

async fn before_it_begins(disk: &Path) {
    let (attempt, worker, mut face) = without_room(disk).await;
    assert_eq!(face.ask(json!({ "ask": "ping" })).await, None);
    assert!(!has_begun(&attempt));
    make_room(disk);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    assert!(attempt.record().join("worker.json").exists());
    assert!(has_begun(&attempt));
    assert_eq!(attempt.said(), ["begin", "end"]);
}

async fn called_off(disk: &Path) {
    let (attempt, worker, mut face) = without_room(disk).await;
    let end = json!({ "ask": "end", "why": { "reason": "cancelled", "by": "Ada" } });
    assert_eq!(face.ask(end).await, None);
    make_room(disk);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "cancelled", "{result}");
    assert!(!has_begun(&attempt));
    assert_eq!(attempt.said(), Vec::<String>::new());
}

async fn while_it_works(disk: &Path) {
    let attempt = Attempt::in_folder(
        tempfile::tempdir_in(disk).unwrap(),
        &format!("say before\n{FLOOD}\nsay after"),
        &std::env::current_exe().unwrap(),
    );
    // Most of the disk is taken by something else.
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![0; 4 * 1024 * 1024]).unwrap();
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    until(|| {
        let record = attempt.record().join("log.ndjson");
        let written = fs::metadata(record).map_or(0, |found| found.len());
        // What a refused write leaves behind is taken back, so a little room is always there.
        let refused = fs::write(disk.join("probe"), vec![0; 256 * 1024]).is_err();
        fs::remove_file(disk.join("probe")).ok();
        written > 1_000_000 && refused
    })
    .await;
    // It is alive, and answers.
    assert_eq!(face.ask(json!({ "ask": "ping" })).await, None);
    assert!(!attempt.record().join("result.json").exists());
    fs::write(&ballast, []).unwrap();
    // Room for the rest of it comes from outside of the record.
    let grown = process::Program::new("mount")
        .arguments(["-o", "remount,size=64m"])
        .argument(disk);
    grown.run_briefly(Duration::from_secs(5)).await.unwrap();
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    let said = attempt.said();
    assert_eq!(said.first().map(String::as_str), Some("before"));
    assert_eq!(said.last().map(String::as_str), Some("after"));
    assert_eq!(said.len(), 6002, "every line once");
    let log = fs::read(attempt.record().join("log.ndjson")).unwrap();
    assert_eq!(
        result["outcome"]["log_sha256"],
        protocol::digest::sha256_hex(&log)
    );
    attempt.events();
}
