//! Clocks that jump: a machine's, and one coordinator's. Nothing trusts them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use whole::until;

use super::size;
use crate::{checks, field::Field, work::Work};

/// Where Debian and Fedora put what intercepts the clock.
const LIBRARIES: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A clock that goes wrong as a file says.
struct Clock(PathBuf);

impl Clock {
    fn new(folder: &Path) -> Self {
        let clock = Self(folder.join("clock"));
        clock.set("+0");
        clock
    }

    /// From now on it is so much off, as in `+1d` or `-3600`.
    fn set(&self, off: &str) {
        let new = self.0.with_extension("new");
        fs::write(&new, format!("{off}\n")).unwrap();
        fs::rename(new, &self.0).unwrap();
    }

    fn variables(&self) -> [(&'static str, String); 4] {
        let library = LIBRARIES.iter().find(|path| Path::new(path).is_file());
        let library = library.expect("faketime is installed (Debian: `apt-get install faketime`)");
        [
            ("LD_PRELOAD", (*library).to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", self.0.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // What jumps is the time of day; no clock that only counts ever does.
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}

fn work(number: usize) -> Work {
    let mut work = Work::empty(number);
    work.say(&format!("begin {number}"));
    work.silent("wait 2s");
    work.flood(200);
    work.silent("wait 10s");
    work.flood(300);
    work.hand_back();
    work
}

#[test]
fn a_machine_whose_clock_jumps_keeps_its_jobs() {
    let mut field = Field::without_machines(size(2, 0));
    let clock = Clock::new(&field.stage.path(""));
    field.add_machine("jumps", 2);
    field.machines[0].with(&clock.variables());
    field.machines[0].join(&field.stage, &field.client);
    let work = work(0);
    let id = field.client.give(&work);
    field.client.wait_for_log(&id, 1);
    clock.set("+2d");
    field.client.wait_for_log(&id, 100);
    clock.set("-3d");
    let view = field.client.wait_until_over(&id);
    assert_eq!(view["state"], "done", "{view:#}");
    // The service's own clock: that of the worker, which stamps the log, is left alone.
    let events: Vec<Value> = field.client.entries(&id, 1, "events");
    let times: Vec<i64> = events.iter().filter_map(|one| one["at"].as_i64()).collect();
    let (first, last) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    assert!(
        last - first > DAY_MS,
        "the clock did jump: {first} to {last}"
    );
    assert_eq!(checks::job_is_well(&field, &work, &id), 1);
    // It takes further jobs, too.
    clock.set("+400d");
    let again = Work::of(3, 1);
    let next = field.client.give(&again);
    until("the next job's end", || {
        field.client.allow_everything().ok()?;
        (field.client.job(&next)["state"] == "done").then_some(())
    });
}

#[test]
fn a_coordinator_whose_clock_jumps_loses_nobody() {
    let mut field = Field::ready(size(2, 2));
    let clock = Clock::new(&field.stage.path(""));
    field.coordinators[0].end("TERM");
    field.coordinators[0].with(&clock.variables());
    field.start_coordinator(0);
    let works = [work(0), work(1)];
    let ids = works.each_ref().map(|work| field.client.give(work));
    for id in &ids {
        field.client.wait_for_log(id, 1);
    }
    for off in ["+1d", "-1d", "+0"] {
        clock.set(off);
        if off != "+0" {
            until("the clock to have jumped", || {
                let [one, other] = [0, 1].map(|n| field.coordinators[n].address.unwrap());
                (field.client.day_at(one)? != field.client.day_at(other)?).then_some(())
            });
        }
        // Long enough for every reconciler to look twice with it.
        super::away_for(std::time::Duration::from_secs(7));
    }
    for (id, work) in ids.iter().zip(&works) {
        field.client.wait_until_over(id);
        assert_eq!(checks::job_is_well(&field, work, id), 1);
    }
}
