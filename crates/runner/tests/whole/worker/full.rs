//! A disk that is full while an agent works: nothing is lost, and work goes on once there is room.
//!
//! The disk is a small file system in memory, mounted in a namespace of its own: this
//! program starts itself in there. Where the system does not allow that, the test
//! says so and shows nothing.

use std::{fs, path::Path, process::ExitCode, time::Duration};

use libtest_mimic::{Failed, Trial};
use serde_json::json;

use super::{Attempt, until};

/// The first argument of this program inside the namespace.
pub(crate) const INSIDE: &str = "on-a-small-disk";
/// How much room the disk has.
const DISK_BYTES: u64 = 6 * 1024 * 1024;
/// Lines, and how long each is: more than the disk holds, so the agent has to wait for room.
const FLOOD: &str = "flood 6000 1000";

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "worker::a_full_disk_stops_the_agent_and_loses_nothing",
        outside,
    )]
}

/// Starts this program once more, in a namespace with a small disk.
fn outside() -> Result<(), Failed> {
    let disk = tempfile::tempdir()?;
    let script = "mount -t tmpfs -o size=\"$3\" none \"$1\" && exec \"$2\" on-a-small-disk \"$1\"";
    let program = process::Program::new("unshare")
        .arguments(["-Urm", "sh", "-c", script, "sh"])
        .argument(disk.path())
        .argument(std::env::current_exe()?)
        .argument(DISK_BYTES.to_string())
        .environment(std::env::vars());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let probe = process::Program::new("unshare")
        .arguments(["-Urm", "true"])
        .environment(std::env::vars());
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

/// The test itself, on the small disk at `disk`.
pub(crate) fn inside(disk: &Path) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(scenario(disk));
    ExitCode::SUCCESS
}

async fn scenario(disk: &Path) {
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
