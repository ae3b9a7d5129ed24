//! Real folders: what goes, what stays, and that no link leads anywhere.

use lifecycle::tidy::Clock;
use proptest::prelude::*;
use protocol::ids::JobId;

use super::*;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

struct Place {
    _folder: tempfile::TempDir,
    ground: Ground,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let (data, workspace) = (real.join("data"), real.join("work"));
        fs::create_dir_all(data.join("attempts")).unwrap();
        fs::create_dir_all(&workspace).unwrap();
        Self {
            ground: Ground {
                data,
                workspace_dir: Some(workspace),
                keep_ms: Some(DAY_MS),
                aside_ms: DAY_MS,
                clock: Clock {
                    now: Timestamp(0).plus_millis(10 * DAY_MS),
                    apart_ms: Some(3),
                },
                held: BTreeSet::new(),
            },
            _folder: folder,
        }
    }

    fn workspace(&self) -> &Path {
        self.ground.workspace_dir.as_deref().unwrap()
    }

    /// An attempt with a record and a job folder, ended at `at` where it is handed over.
    fn attempt(&self, n: u128, at: Option<u64>) -> (AttemptId, PathBuf) {
        let id = AttemptId(uuid::Uuid::from_u128(n));
        let job = self.workspace().join(format!("team/{n}-a-job/attempt-1"));
        self.attempt_in(id, at, job)
    }

    fn attempt_in(&self, id: AttemptId, at: Option<u64>, job: PathBuf) -> (AttemptId, PathBuf) {
        let record = self.ground.record(id);
        fs::create_dir_all(record.path()).unwrap();
        fs::create_dir_all(&job).unwrap();
        fs::write(record.log(), "a line\n").unwrap();
        fs::write(job.join("work.txt"), "work").unwrap();
        if let Some(at) = at {
            let proof = HandedOver {
                at: Timestamp(0).plus_millis(at),
                job_id: JobId(uuid::Uuid::from_u128(7)),
                job_folder: Some(job.clone()),
            };
            plan::write(&record.handed_over(), &proof).unwrap();
        }
        (id, job)
    }

    fn later(&mut self, days: u64) {
        let now = self.ground.clock.now;
        self.ground.clock.now = now.plus_millis(days * DAY_MS);
    }

    fn has_record(&self, id: AttemptId) -> bool {
        self.ground.record(id).log().exists()
    }
}

#[test]
fn what_is_over_is_put_aside_and_deleted_after_a_second_period() {
    let mut place = Place::new();
    let (old, old_job) = place.attempt(1, Some(0));
    let (young, young_job) = place.attempt(2, Some(10 * DAY_MS));
    let swept = sweep(&place.ground);
    assert_eq!((swept.put_aside, swept.deleted), (1, 0), "{swept:?}");
    assert!(!place.has_record(old) && !old_job.exists());
    assert!(place.has_record(young) && young_job.exists());
    let aside = place.workspace().join(JOBS_ASIDE).join(old.to_string());
    assert_eq!(fs::read_to_string(aside.join("work.txt")).unwrap(), "work");
    assert!(!place.workspace().join("team/1-a-job").exists(), "empty");
    let again = sweep(&place.ground);
    assert_eq!((again.put_aside, again.deleted), (0, 0));
    assert!(aside.exists(), "for a second period");
    place.later(2);
    let swept = sweep(&place.ground);
    assert_eq!((swept.put_aside, swept.deleted), (1, 1), "{swept:?}");
    assert!(!aside.exists());
    assert!(
        !place
            .ground
            .data
            .join("aside")
            .join(old.to_string())
            .exists()
    );
}

#[test]
fn what_is_held_or_not_handed_over_stays_with_every_folder_that_it_shares() {
    let mut place = Place::new();
    let (held, held_job) = place.attempt(1, Some(0));
    place.ground.held.insert(held);
    let (open, _) = place.attempt(2, None);
    // A later attempt goes on in the folder of an earlier one.
    let shared = AttemptId(uuid::Uuid::from_u128(3));
    place.attempt_in(shared, Some(0), held_job.clone());
    let swept = sweep(&place.ground);
    assert_eq!((swept.put_aside, swept.deleted), (0, 0), "{swept:?}");
    for id in [held, open, shared] {
        assert!(place.has_record(id));
    }
    assert!(held_job.join("work.txt").exists());
}

#[test]
fn half_put_aside_is_put_aside_by_the_next_look_and_never_deleted_as_it_is() {
    let mut place = Place::new();
    let (id, job) = place.attempt(1, Some(0));
    sweep(&place.ground);
    // As a crash before the last step leaves it.
    let aside = place.ground.data.join("aside").join(id.to_string());
    fs::rename(aside.join("record"), place.ground.record(id).path()).unwrap();
    place.ground.keep_ms = None;
    place.later(5);
    assert_eq!(sweep(&place.ground).deleted, 0);
    assert!(place.has_record(id));
    place.ground.keep_ms = Some(DAY_MS);
    let swept = sweep(&place.ground);
    assert_eq!((swept.put_aside, swept.deleted), (1, 1), "{swept:?}");
    assert!(!job.exists() && !place.has_record(id));
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_and_one_that_resists_holds_up_no_other() {
    use std::os::unix::fs::symlink;
    let mut place = Place::new();
    let outside = place.ground.data.join("precious");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "precious").unwrap();
    // The job's folder is reached through a link.
    let (through, job) = place.attempt(1, Some(0));
    fs::remove_dir_all(&job).unwrap();
    symlink(&outside, &job).unwrap();
    // A link in a job's folder, and one in the place of a record.
    let (with_link, job) = place.attempt(2, Some(0));
    symlink(&outside, job.join("link")).unwrap();
    let named = AttemptId(uuid::Uuid::from_u128(9)).to_string();
    symlink(&outside, place.ground.data.join("attempts").join(named)).unwrap();
    let swept = sweep(&place.ground);
    assert_eq!((swept.put_aside, swept.left.len()), (1, 1), "{swept:?}");
    assert!(place.has_record(through));
    place.later(2);
    let swept = sweep(&place.ground);
    assert_eq!(swept.deleted, 1, "{swept:?}");
    assert!(!place.has_record(with_link));
    assert_eq!(
        fs::read_to_string(outside.join("file")).unwrap(),
        "precious"
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_deleted_all_the_same() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut place = Place::new();
    let (_, job) = place.attempt(1, Some(0));
    let locked = job.join("locked");
    fs::create_dir(&locked).unwrap();
    fs::write(locked.join("file"), "x").unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    sweep(&place.ground);
    place.later(2);
    let swept = sweep(&place.ground);
    assert_eq!((swept.deleted, swept.left.len()), (1, 0), "{swept:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Over any history of looks, what is held or was never acknowledged keeps its record and its work.
    #[test]
    fn nothing_unacknowledged_is_ever_touched(
        attempts in prop::collection::vec((prop::option::of(0..12_u64), any::<bool>(), 0..4_u128), 1..6),
        days in prop::collection::vec(0..6_u64, 1..5),
    ) {
        let mut place = Place::new();
        let mut kept = Vec::new();
        for (n, (ended, held, folder)) in attempts.into_iter().enumerate() {
            let id = AttemptId(uuid::Uuid::from_u128(100 + n as u128));
            let job = place.workspace().join(format!("team/{folder}-a-job/attempt-1"));
            let (id, job) = place.attempt_in(id, ended.map(|days| days * DAY_MS), job);
            if held {
                place.ground.held.insert(id);
            }
            let launch = place.ground.record(id).launch();
            let known = serde_json::json!({
                "agent": "demo", "program": "/p", "model": null, "extra_arguments": [],
                "job_folder": job, "socket": "/s",
                "retry": { "first_ms": 1, "max_ms": 1, "tries_max": 1 }, "log_bytes_max": 1,
            });
            fs::write(launch, known.to_string()).unwrap();
            if held || ended.is_none() {
                kept.push((id, job));
            }
        }
        for days in days {
            sweep(&place.ground);
            place.later(days);
            for (id, job) in &kept {
                prop_assert!(place.has_record(*id));
                prop_assert!(job.join("work.txt").exists());
            }
        }
    }
}
