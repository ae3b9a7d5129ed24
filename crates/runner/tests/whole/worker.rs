//! The worker as a process of its own, with the demo agent, without a service.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use interprocess::local_socket::{
    GenericFilePath, ToFsName as _,
    tokio::{Stream, prelude::*},
};
use libtest_mimic::Trial;
use protocol::record::{Event, EventEntry, LogEntry, LogKind};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};

use crate::trial;

#[cfg(target_os = "linux")]
pub(crate) mod full;
pub(crate) mod stays;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "worker::says_writes_and_hands_back",
            says_writes_and_hands_back,
        ),
        trial(
            "worker::allow_runs_and_deny_does_not",
            allow_runs_and_deny_does_not,
        ),
        trial(
            "worker::a_question_waits_for_its_answer",
            a_question_waits_for_its_answer,
        ),
        trial("worker::cancel_leaves_no_process", cancel_leaves_no_process),
        trial("worker::a_crash_is_tried_again", a_crash_is_tried_again),
        trial(
            "worker::a_permanent_failure_is_not",
            a_permanent_failure_is_not,
        ),
        trial("worker::a_flood_is_kept_whole", a_flood_is_kept_whole),
        trial(
            "worker::the_runners_own_files_are_out_of_reach",
            the_runners_own_files_are_out_of_reach,
        ),
        trial(
            "worker::a_long_line_and_binary_noise_are_kept",
            a_long_line_and_binary_noise_are_kept,
        ),
        trial(
            "worker::a_missing_program_fails_with_words",
            a_missing_program_fails_with_words,
        ),
    ]
}

/// One attempt in a folder of its own.
struct Attempt {
    folder: TempDir,
    id: uuid::Uuid,
}

impl Attempt {
    fn new(instructions: &str) -> Self {
        let program = std::env::current_exe().unwrap();
        Self::in_folder(tempfile::tempdir().unwrap(), instructions, &program)
    }

    fn in_folder(folder: TempDir, instructions: &str, program: &Path) -> Self {
        let id = uuid::Uuid::now_v7();
        let attempt = Self { folder, id };
        for path in [
            attempt.record(),
            attempt.job().join("output"),
            attempt.job().join(".tmp"),
            attempt.path("run"),
        ] {
            fs::create_dir_all(path).unwrap();
        }
        let assignment = json!({
            "attempt_id": id, "fence": 1, "job_id": uuid::Uuid::now_v7(),
            "workspace_id": uuid::Uuid::now_v7(), "workspace": "team", "job_number": 1,
            "attempt_number": 1, "title": "A job", "instructions": instructions,
            "context": "local", "url": "http://127.0.0.1/jobs/1",
        });
        let launch = json!({
            "agent": "demo", "program": program, "model": null, "extra_arguments": [],
            "job_folder": attempt.job(), "socket": attempt.path("run/w.sock"),
            "retry": { "first_ms": 10, "max_ms": 50, "tries_max": 3 },
            "log_bytes_max": 100_000_000,
        });
        fs::write(
            attempt.record().join("assignment.json"),
            assignment.to_string(),
        )
        .unwrap();
        fs::write(attempt.record().join("launch.json"), launch.to_string()).unwrap();
        attempt
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn record(&self) -> PathBuf {
        self.path("data/attempts/one")
    }

    fn job(&self) -> PathBuf {
        self.path("work/job")
    }

    fn change_launch(&self, change: impl FnOnce(&mut Value)) {
        let path = self.record().join("launch.json");
        let mut launch = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut launch);
        fs::write(path, launch.to_string()).unwrap();
    }

    fn start(&self) -> process::Identity {
        self.start_with([("LC_COORD_TEST", "1")])
    }

    fn start_with<const N: usize>(&self, more: [(&str, &str); N]) -> process::Identity {
        let program = process::Program::new(std::env::current_exe().unwrap())
            .arguments(["worker", "--attempt"])
            .argument(self.record())
            .environment(process::own_environment())
            .environment(more);
        process::start_detached(&program, &process::Detached::default()).unwrap()
    }

    async fn finish(&self, worker: process::Identity) -> Value {
        until(|| !process::is_alive(worker)).await;
        let result = fs::read(self.record().join("result.json")).unwrap();
        serde_json::from_slice(&result).unwrap()
    }

    async fn run(&self) -> Value {
        self.finish(self.start()).await
    }

    fn events(&self) -> Vec<Event> {
        let text = fs::read_to_string(self.record().join("events.ndjson")).unwrap();
        let entries: Vec<EventEntry> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for (place, entry) in entries.iter().enumerate() {
            assert_eq!(entry.n, place as u64 + 1);
        }
        entries.into_iter().map(|entry| entry.event).collect()
    }

    fn log(&self) -> Vec<LogEntry> {
        let text = fs::read_to_string(self.record().join("log.ndjson")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn said(&self) -> Vec<String> {
        let mut lines = vec![String::new()];
        for entry in self.log() {
            if entry.kind == LogKind::Text {
                lines.last_mut().unwrap().push_str(&entry.text);
                if !entry.partial {
                    lines.push(String::new());
                }
            }
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    async fn connect(&self) -> Face {
        let path = self.path("run/w.sock");
        let stream = loop {
            let name = path.as_path().to_fs_name::<GenericFilePath>().unwrap();
            if let Ok(stream) = Stream::connect(name).await {
                break stream;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        Face {
            lines: BufReader::new(stream).lines(),
            id: 0,
        }
    }
}

/// Talks to a worker as the service does.
struct Face {
    lines: Lines<BufReader<Stream>>,
    id: u64,
}

impl Face {
    /// The next status for which `wanted` gives something.
    async fn status<T>(&mut self, wanted: impl Fn(&Value) -> Option<T>) -> T {
        loop {
            let line = self
                .lines
                .next_line()
                .await
                .unwrap()
                .expect("the worker is there");
            let say: Value = serde_json::from_str(&line).unwrap();
            if let Some(found) = wanted(&say["status"]) {
                return found;
            }
        }
    }

    /// Asks, and returns the refusal.
    async fn ask(&mut self, mut ask: Value) -> Option<Value> {
        self.id += 1;
        ask["id"] = json!(self.id);
        let line = format!("{ask}\n");
        self.lines
            .get_mut()
            .get_mut()
            .write_all(line.as_bytes())
            .await
            .unwrap();
        loop {
            let line = self
                .lines
                .next_line()
                .await
                .unwrap()
                .expect("the worker is there");
            let say: Value = serde_json::from_str(&line).unwrap();
            if say["say"] == "reply" && say["id"] == self.id {
                return say.get("refused").cloned();
            }
        }
    }

    async fn approval(&mut self) -> Value {
        self.status(|status| status["approvals"].get(0).cloned())
            .await
    }

    async fn answer(&mut self, approval: &Value, decision: &str) -> Option<Value> {
        self.ask(json!({
            "ask": "answer_approval", "approval_id": approval["id"],
            "answer": { "decision": decision, "digest": approval["digest"], "note": "because" },
            "by": { "surface": "window", "name": "Ada" },
        }))
        .await
    }
}

pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn settled(events: &[Event]) -> Vec<(protocol::approval::Decision, String)> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::ApprovalSettled { decision, by, .. } => Some((*decision, by.name.clone())),
            _ => None,
        })
        .collect()
}

async fn says_writes_and_hands_back() {
    let attempt = Attempt::new(
        "think hm\nsay hello\nwrite notes.txt inside\noutput sub/a.txt result\nbinary \u{1}\u{1b}[31m noise",
    );
    let result = attempt.run().await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    assert!(
        attempt.said().contains(&"hello".to_owned()),
        "{:?}",
        attempt.said()
    );
    assert!(attempt.job().join("notes.txt").exists());
    assert_eq!(result["files"][0]["path"], "sub/a.txt");
    let log = fs::read(attempt.record().join("log.ndjson")).unwrap();
    assert_eq!(
        result["outcome"]["log_sha256"],
        protocol::digest::sha256_hex(&log)
    );
    assert_eq!(result["outcome"]["log_last"], attempt.log().len());
    let events = attempt.events();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::SessionStarted { resumed: false, .. }))
    );
}

async fn allow_runs_and_deny_does_not() {
    let attempt = Attempt::new(
        "run touch allowed.txt\nrun touch denied.txt\nrun touch again.txt\nrun touch again.txt\nsay end",
    );
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    let first = face.approval().await;
    assert!(!attempt.job().join("allowed.txt").exists());
    let mut other = first.clone();
    other["digest"] = json!("0000");
    let refused = face.answer(&other, "allow_once").await.unwrap();
    assert_eq!(
        refused["code"], "conflict",
        "another digest is another request"
    );
    assert_eq!(face.answer(&first, "allow_once").await, None);
    let refused = face.answer(&first, "deny").await.unwrap();
    assert_eq!(refused["code"], "conflict", "the first answer counts");
    let second = next_approval(&mut face, &first).await;
    assert_eq!(face.answer(&second, "deny").await, None);
    let third = next_approval(&mut face, &second).await;
    assert_eq!(face.answer(&third, "allow_for_job").await, None);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    assert!(attempt.job().join("allowed.txt").exists());
    assert!(!attempt.job().join("denied.txt").exists());
    assert!(attempt.job().join("again.txt").exists());
    let settled = settled(&attempt.events());
    assert_eq!(
        settled.len(),
        4,
        "the fourth was allowed with the third: {settled:?}"
    );
    assert_eq!(settled[3].1, "allowed for this job");
}

async fn next_approval(face: &mut Face, before: &Value) -> Value {
    let before = before["id"].clone();
    face.status(|status| {
        let first = status["approvals"].get(0)?;
        (first["id"] != before).then(|| first.clone())
    })
    .await
}

async fn a_question_waits_for_its_answer() {
    let attempt = Attempt::new("ask Which colour? | red | blue\nsay done");
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    let question = face
        .status(|status| status["questions"].get(0).cloned())
        .await;
    let key = question["items"][0]["key"].clone();
    let answer = |value: &str| {
        json!({
            "ask": "answer_question", "question_id": question["id"],
            "answer": { "digest": question["digest"], "answers": [{ "key": key, "values": [value] }] },
            "by": { "surface": "web", "name": "Grace" },
        })
    };
    let refused = face.ask(answer("green")).await.unwrap();
    assert_eq!(refused["code"], "invalid", "only what is offered");
    assert_eq!(face.ask(answer("blue")).await, None);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    assert!(attempt.events().iter().any(|event| matches!(
        event, Event::QuestionSettled { answers, by, .. } if answers[0].values == ["blue"] && by.name == "Grace"
    )));
}

async fn cancel_leaves_no_process() {
    let attempt =
        Attempt::new("run setsid sh -c 'trap \"\" TERM; sleep 1000 & sleep 1001'\nsay never");
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    let approval = face.approval().await;
    face.answer(&approval, "allow_once").await;
    let mark = process::Mark {
        name: agents::MARK_VARIABLE.to_owned(),
        value: attempt.id.to_string(),
    };
    until(|| process::marked(&mark).len() >= 4).await;
    let end = json!({ "ask": "end", "why": { "reason": "cancelled", "by": "Ada" } });
    assert_eq!(face.ask(end).await, None);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "cancelled", "{result}");
    assert_eq!(process::marked(&mark), [], "nothing is left");
    assert!(!attempt.said().contains(&"never".to_owned()));
}

async fn a_crash_is_tried_again() {
    let attempt = Attempt::new("say before\ncrash\nsay after");
    let result = attempt.run().await;
    let events = attempt.events();
    let retries = events
        .iter()
        .filter(|event| matches!(event, Event::Retrying { .. }))
        .count();
    assert!(retries >= 1, "{events:?}");
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::SessionStarted { resumed: true, .. })),
        "{events:?}"
    );
    let said = attempt.said();
    assert_eq!(
        said.iter().filter(|line| *line == "before").count(),
        1,
        "it went on where it was: {said:?}"
    );
    assert!(["failed", "succeeded"].contains(&result["outcome"]["kind"].as_str().unwrap()));
}

async fn a_permanent_failure_is_not() {
    let attempt = Attempt::new("fail permanent no such thing");
    let result = attempt.run().await;
    assert_eq!(result["outcome"]["kind"], "failed");
    let message = result["outcome"]["failure"]["message"].as_str().unwrap();
    assert!(message.contains("no such thing"), "{message}");
    assert!(
        !attempt
            .events()
            .iter()
            .any(|event| matches!(event, Event::Retrying { .. }))
    );
}

async fn a_flood_is_kept_whole() {
    let attempt = Attempt::new("flood 20000 60\nflood 3 60000\nsay end");
    let result = attempt.run().await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    let said = attempt.said();
    let flooded: Vec<&String> = said
        .iter()
        .filter(|line| line.starts_with("flood "))
        .collect();
    assert_eq!(flooded.len(), 20_003);
    assert!(flooded[4999].starts_with("flood 5000/20000 "));
    assert!(
        flooded[20_000].len() > 60_000,
        "a long line is one line again"
    );
    let longest = attempt
        .log()
        .iter()
        .map(|entry| entry.text.len())
        .max()
        .unwrap();
    assert!(longest <= protocol::limits::LOG_TEXT_BYTES_MAX);
}

async fn a_long_line_and_binary_noise_are_kept() {
    let long = "x".repeat(5 * 1024 * 1024);
    let attempt = Attempt::new(&format!(
        "say {long}\nrun printf 'a\\377\\376\\000b\\n'\nsay end"
    ));
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    let approval = face.approval().await;
    assert_eq!(face.answer(&approval, "allow_once").await, None);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    let said = attempt.said();
    assert!(said.contains(&long), "the line is one line again");
    assert!(said.contains(&"end".to_owned()));
    let log = attempt.log().into_iter();
    let of_tools = log.filter(|entry| entry.kind == LogKind::Tool);
    let printed: String = of_tools.map(|entry| entry.text).collect();
    assert!(
        printed.starts_with('a') && printed.ends_with('b'),
        "{printed:?}"
    );
}

async fn the_runners_own_files_are_out_of_reach() {
    let attempt = Attempt::new("");
    let secret = attempt.record().join("launch.json");
    let instructions = format!("write {} x\nsay end", secret.display());
    let file = attempt.record().join("assignment.json");
    let mut assignment: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assignment["instructions"] = json!(instructions);
    fs::write(file, assignment.to_string()).unwrap();
    let before = fs::read(&secret).unwrap();
    let result = attempt.run().await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    assert_eq!(fs::read(&secret).unwrap(), before);
    let settled = settled(&attempt.events());
    let denied = protocol::approval::Decision::Deny;
    assert_eq!(settled[0].0, denied, "{settled:?}");
}

async fn a_missing_program_fails_with_words() {
    let (folder, program) = (tempfile::tempdir().unwrap(), Path::new("/no/such/program"));
    let result = Attempt::in_folder(folder, "say x", program).run().await;
    assert_eq!(result["outcome"]["kind"], "failed");
    let class = &result["outcome"]["failure"]["class"];
    assert_eq!(class, "config", "{result}");
}
