//! One more attempt at a job that is over, and what its agent hears of the last one.

use whole::{Job, Runner, Stage};

#[test]
fn the_next_attempt_hears_what_a_person_said_of_the_last_one() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "recite\nfail permanent It cannot be done.\n");
    job.wait().refused(20, &[]);
    let note = "Look into the attic.\nNot into the cellar.";
    let file = stage.file("feedback.txt", note);
    let again = job
        .coord("retry", &["--json", "--feedback-file"])
        .arg(&file)
        .run()
        .json();
    assert_eq!(again["id"], *job.id);
    job.wait().refused(20, &[]);
    let show = job.show();
    let attempts = show["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2, "{show}");
    assert_eq!(attempts[0]["feedback"], note);
    assert!(attempts[1].get("feedback").is_none());
    let heard = job.said().join("\n");
    assert!(heard.contains("Attempt 1 by demo failed."), "{heard}");
    assert!(heard.contains("It cannot be done."), "{heard}");
    let said = "What a person said to it: Look into the attic.\n    Not into the cellar.";
    assert!(heard.contains(said), "{heard}");
}

#[test]
fn what_is_done_is_done_once_more_and_what_waits_is_not() {
    let stage = Stage::ready();
    let job = Job::submit(&stage, "say hello\n");
    job.coord("retry", &[]).run().refused(7, &[]);
    job.coord("cancel", &[]).run().ok();
    // Nobody has worked on it, so there is nothing to say of that.
    job.coord("retry", &["--feedback", "Better."])
        .run()
        .refused(7, &["feedback"]);
    job.coord("retry", &[]).run().ok();
    let _runner = Runner::online(&stage, "box");
    job.wait().ok();
    let long = stage.file("long.txt", "x".repeat(16 * 1024 + 1));
    job.coord("retry", &["--feedback-file"])
        .arg(&long)
        .run()
        .refused(1, &["16.0 KiB"]);
    job.coord("retry", &[]).run().ok();
    job.wait().ok();
    let outcomes = job.show()["attempts"].clone();
    let succeeded = |one: &serde_json::Value| one["outcome"] == "succeeded";
    assert_eq!(
        outcomes
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| succeeded(one))
            .count(),
        2
    );
}
