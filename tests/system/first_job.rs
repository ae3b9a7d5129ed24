//! The whole way of a job, and that both ends hold the same record of it.

use std::fs;

use protocol::digest::sha256_hex;
use serde_json::Value;
use whole::{Job, Runner, Stage};

#[test]
fn a_job_is_done_and_both_ends_hold_the_same_record() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let job = Job::submit(
        &stage,
        "say hello\nthink a while\nflood 500 80\nsay zweiäöü \u{1f600}\noutput report/a.txt it works\n",
    );
    job.wait().ok();

    let record = job.record(&runner);
    let on_disk = fs::read_to_string(record.join("log.ndjson")).unwrap();
    assert_eq!(job.log_lines(), on_disk, "the log differs");
    let events = job.coord("logs", &["--events"]).run().ok();
    let on_disk_events = fs::read_to_string(record.join("events.ndjson")).unwrap();
    let values = |text: &str| -> Vec<Value> {
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    assert_eq!(
        values(&events),
        values(&on_disk_events),
        "the events differ"
    );

    let show = job.show();
    let attempt = &show["attempts"][0];
    assert_eq!(show["state"], "done");
    assert_eq!(show["hold"], Value::Null);
    assert_eq!(attempt["number"], 1);
    assert_eq!(attempt["outcome"], "succeeded");
    assert_eq!(attempt["runner"], "box");
    let outcome = &attempt["outcome_detail"];
    assert_eq!(outcome["log_sha256"], sha256_hex(on_disk.as_bytes()));
    assert_eq!(outcome["log_last"], on_disk.lines().count());

    let out = stage.path("out");
    job.coord("artifacts", &["--out", "out"]).run().ok();
    let file = fs::read(out.join("report/a.txt")).unwrap();
    assert_eq!(file, b"it works\n");
    assert_eq!(show["artifacts"][0]["sha256"], sha256_hex(&file));
    assert_eq!(show["artifacts"][0]["path"], "report/a.txt");
}

#[test]
fn a_log_is_followed_without_losing_or_doubling_a_line() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit(
        &stage,
        "say begin\nwait 500ms\nflood 3000 100\nwait 500ms\nsay end\n",
    );
    let followed = job.coord("logs", &["--json", "--follow"]).run().ok();
    job.wait().ok();
    assert_eq!(followed, job.log_lines());
    assert!(followed.lines().count() > 3000);
}

#[test]
fn attachments_reach_the_agent() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let attachment = stage.file("notes.txt", "from the person\n");
    let job = Job::submit_with(
        &stage,
        "run cat inputs/notes.txt\n",
        &[
            "--agent",
            "demo",
            "--attach",
            &attachment.display().to_string(),
        ],
    );
    let approval = job.approval();
    stage
        .coord(["approvals", "allow", approval["id"].as_str().unwrap()])
        .run()
        .ok();
    job.wait().ok();
    assert!(job.said().iter().any(|line| line == "from the person"));
}

#[test]
fn a_job_of_the_backlog_waits_until_somebody_makes_it_ready() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit_with(&stage, "say hello\n", &["--agent", "demo", "--backlog"]);
    assert_eq!(job.show()["state"], "backlog");
    job.coord("wait", &["--timeout", "1s"])
        .run()
        .refused(8, &["did not end"]);
}
