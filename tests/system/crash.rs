//! The service dies in the middle of a job: the worker goes on, and nothing of its record is lost or doubled.

use std::fs;

use whole::{Job, Runner, Stage, until};

const LINES: usize = 4000;

/// Fails unless every flooded line is there once, in order, with its checksum.
fn check_flood(said: &[String]) {
    let flood: Vec<&String> = said
        .iter()
        .filter(|line| line.starts_with("flood "))
        .collect();
    assert_eq!(flood.len(), LINES, "lines are lost or doubled");
    for (index, line) in flood.iter().enumerate() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let [_, number, checksum, filler] = words.as_slice() else {
            panic!("no flooded line: {line}");
        };
        assert_eq!(*number, format!("{}/{LINES}", index + 1));
        let expected = format!("{:08x}", crc32fast::hash(filler.as_bytes()));
        assert_eq!(*checksum, expected, "{line}");
    }
}

fn flood_through(end: impl FnOnce(&mut Runner<'_>)) {
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    let script = format!("say begin\nwait 1s\nflood {LINES} 100\nwait 1s\noutput a.txt it works\n");
    let job = Job::submit(&stage, &script);
    job.wait_for_words("begin");
    end(&mut runner);
    assert_eq!(stage.workers().len(), 1, "the worker runs on");
    runner.start();
    job.wait().ok();
    let show = job.show();
    assert_eq!(
        show["attempts"].as_array().unwrap().len(),
        1,
        "one attempt did it"
    );
    check_flood(&job.said());
    let on_disk = fs::read_to_string(job.record(&runner).join("log.ndjson")).unwrap();
    assert_eq!(job.log_lines(), on_disk);
    assert_eq!(show["artifacts"][0]["path"], "a.txt");
    until("the worker's end", || {
        stage.workers().is_empty().then_some(())
    });
}

#[test]
fn a_killed_service_finds_its_worker_again() {
    flood_through(|runner| {
        runner.end("KILL");
    });
}

#[test]
fn a_service_that_is_terminated_detaches() {
    flood_through(|runner| {
        assert_eq!(runner.end("TERM"), Some(0));
    });
}

#[test]
fn a_killed_worker_costs_one_attempt() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "say begin\nwait 3s\nsay end\n");
    job.wait_for_words("begin");
    for worker in stage.workers() {
        whole::processes::signal(worker.id, "KILL");
    }
    job.wait().ok();
    let show = job.show();
    assert_eq!(show["attempts"][0]["outcome"], "interrupted");
    assert_eq!(show["attempts"][1]["outcome"], "succeeded");
    assert_eq!(show["attempts"].as_array().unwrap().len(), 2);
}
