//! A job, as the person who submitted it follows it.

use std::path::PathBuf;

use protocol::record::LogEntry;
use serde_json::Value;

use crate::{
    program::{Ran, Run},
    runner::Runner,
    stage::{Stage, WORKSPACE},
    wait::until,
};

/// A submitted job.
pub struct Job<'a> {
    stage: &'a Stage,
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: u64,
}

impl<'a> Job<'a> {
    /// Submits a job for the demo agent.
    #[track_caller]
    pub fn submit(stage: &'a Stage, instructions: &str) -> Self {
        Self::submit_with(stage, instructions, &["--agent", "demo"])
    }

    /// Submits a job with further options.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a job without id or number fails the test"
    )]
    pub fn submit_with(stage: &'a Stage, instructions: &str, options: &[&str]) -> Self {
        let file = stage.file("instructions.txt", instructions);
        let job = stage
            .coord([
                "job",
                "submit",
                "--workspace",
                WORKSPACE,
                "--title",
                "A job",
                "--json",
            ])
            .arg("--instructions-file")
            .arg(file)
            .args(options)
            .run()
            .json();
        Self {
            stage,
            id: job["id"].as_str().expect("an id").to_owned(),
            number: job["number"].as_u64().expect("a number"),
        }
    }

    /// `coord job VERB ID …`
    pub fn coord(&self, verb: &str, options: &[&str]) -> Run {
        self.stage.coord(["job", verb, &self.id]).args(options)
    }

    /// What `coord job show` says.
    #[track_caller]
    pub fn show(&self) -> Value {
        self.coord("show", &["--json"]).run().json()
    }

    /// `coord job wait`, for as long as a busy machine may take.
    pub fn wait(&self) -> Ran {
        self.coord("wait", &["--timeout", "90s", "--json"]).run()
    }

    /// The lines of the log, as JSON.
    #[track_caller]
    pub fn log_lines(&self) -> String {
        self.coord("logs", &["--json"]).run().ok()
    }

    /// The entries of the log.
    #[track_caller]
    #[expect(clippy::expect_used, reason = "a line that is no entry fails the test")]
    pub fn log(&self) -> Vec<LogEntry> {
        let entry = |line| serde_json::from_str(line).expect("an entry");
        self.log_lines().lines().map(entry).collect()
    }

    /// The words of the log.
    #[track_caller]
    pub fn said(&self) -> Vec<String> {
        self.log().into_iter().map(|entry| entry.text).collect()
    }

    /// Waits until the log has a line that begins with `words`.
    #[track_caller]
    pub fn wait_for_words(&self, words: &str) {
        until(&format!("`{words}` in the log"), || {
            let logs = self.coord("logs", &["--json"]).run();
            logs.stdout.contains(words).then_some(())
        });
    }

    /// Waits until the job has this state.
    #[track_caller]
    pub fn wait_for_state(&self, state: &str) {
        until(&format!("the state {state}"), || {
            (self.show()["state"] == state).then_some(())
        });
    }

    /// The record of its newest attempt on the runner's disk.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a job without an attempt fails the test"
    )]
    pub fn record(&self, runner: &Runner<'_>) -> PathBuf {
        let show = self.show();
        let attempt = show["attempts"]
            .as_array()
            .and_then(|all| all.last())
            .cloned();
        let attempt = attempt.expect("an attempt");
        let id = attempt["id"].as_str().expect("an id").to_owned();
        runner.data().join("attempts").join(id)
    }

    /// Waits until an approval waits, and comes back with it.
    #[track_caller]
    pub fn approval(&self) -> Value {
        self.waiting("approvals", "approval")
    }

    /// Waits until a question waits, and comes back with it.
    #[track_caller]
    pub fn question(&self) -> Value {
        self.waiting("questions", "question")
    }

    #[track_caller]
    fn waiting(&self, list: &str, what: &str) -> Value {
        until(&format!("the {what}"), || {
            let show = self.show();
            let all = show[list].as_array()?.clone();
            let one = all.into_iter().find(|one| one["status"] == "waiting")?;
            Some(one[what].clone())
        })
    }
}
