//! What a worker does while its agent cannot work, and what it leaves when it is told to end.

use std::time::{SystemTime, UNIX_EPOCH};

use super::*;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("worker::a_used_up_quota_parks", a_used_up_quota_parks),
        trial(
            "worker::a_parked_attempt_gives_up_in_the_end",
            a_parked_attempt_gives_up_in_the_end,
        ),
        trial(
            "worker::a_parked_attempt_can_be_cancelled",
            a_parked_attempt_can_be_cancelled,
        ),
        trial("worker::a_hostile_child_is_ended", a_hostile_child_is_ended),
        trial(
            "worker::an_agent_sees_no_secret_of_others",
            an_agent_sees_no_secret_of_others,
        ),
        trial(
            "worker::the_next_attempt_takes_the_session_up",
            the_next_attempt_takes_the_session_up,
        ),
    ]
}

fn cancel() -> Value {
    json!({ "ask": "end", "why": { "reason": "cancelled", "by": "Ada" } })
}

/// An attempt whose agent says that its plan is used up for so many seconds.
fn used_up_for(seconds: u64, park_ms_max: u64) -> Attempt {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let until = now.as_secs() + seconds;
    let attempt = Attempt::new(&format!(
        "say before\nfail transient usage limit reached|{until}"
    ));
    attempt.change_launch(|launch| {
        launch["retry"]["park_ms_max"] = json!(park_ms_max);
        launch["retry"]["park_ms_min"] = json!(50);
    });
    attempt
}

async fn a_used_up_quota_parks() {
    let attempt = used_up_for(3, 6000);
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    let parked = |status: &Value| Some(status["parked"].clone()).filter(|at| !at.is_null());
    let waits = face.status(parked).await;
    assert!(waits["reason"].as_str().unwrap().contains("usage limit"));
    let early = face.ask(json!({ "ask": "go_on" })).await;
    assert!(early.is_some(), "its time has not come");
    face.status(|status| (status["parked"]["due"] == true).then_some(()))
        .await;
    assert_eq!(face.ask(json!({ "ask": "go_on" })).await, None);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "succeeded", "{result}");
    let events = attempt.events();
    let count = |wanted: fn(&Event) -> bool| events.iter().filter(|event| wanted(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Parked { .. })), 1);
    assert_eq!(count(|event| matches!(event, Event::Unparked)), 1);
    assert_eq!(count(|event| matches!(event, Event::Retrying { .. })), 0);
    let resumed = |event: &Event| matches!(event, Event::SessionStarted { resumed: true, .. });
    assert_eq!(count(resumed), 1, "{events:?}");
}

async fn a_parked_attempt_gives_up_in_the_end() {
    let attempt = used_up_for(2, 3000);
    // Nobody gives it a slot.
    let result = attempt.run().await;
    let outcome = &result["outcome"];
    assert_eq!(outcome["kind"], "failed", "{result}");
    assert_eq!(outcome["failure"]["class"], "quota");
    assert!(outcome["failure"]["hint"].is_string());
}

async fn a_parked_attempt_can_be_cancelled() {
    let attempt = used_up_for(3600, 86_400_000);
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    face.status(|status| (status["phase"] == "parked").then_some(()))
        .await;
    assert_eq!(face.ask(cancel()).await, None);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "cancelled", "{result}");
}

/// Leaves its session twice, without environment or name, deaf to every request, and
/// with its agent's output open.
const HOSTILE: &str = r#"
( setsid env -i "$BASH" --norc -c '
    trap "" TERM INT HUP
    cd "$0"
    ( exec -a "[kworker/0:1]" "$BASH" --norc -c "
        trap \"\" TERM INT HUP
        echo \$\$ >renamed.new; mv renamed.new renamed
        while :; do sleep 1; done" ) &
    echo $$ >escaped.new; mv escaped.new escaped
    while :; do sleep 1; done' "$PWD" & ) &
"#;

async fn a_hostile_child_is_ended() {
    let attempt = Attempt::new("run bash hostile.sh\nwait 1000s");
    fs::write(attempt.job().join("hostile.sh"), HOSTILE).unwrap();
    let worker = attempt.start();
    let mut face = attempt.connect().await;
    let approval = face.approval().await;
    face.answer(&approval, "allow_once").await;
    let mut hostile = Vec::new();
    for name in ["escaped", "renamed"] {
        let file = attempt.job().join(name);
        until(|| file.exists()).await;
        let pid = fs::read_to_string(file).unwrap().trim().parse().unwrap();
        hostile.push(process::Identity::of(pid).unwrap());
    }
    assert!(hostile.iter().all(|one| process::is_alive(*one)));
    assert_eq!(face.ask(cancel()).await, None);
    let result = attempt.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "cancelled", "{result}");
    assert!(!hostile.iter().any(|one| process::is_alive(*one)));
}

async fn an_agent_sees_no_secret_of_others() {
    let attempt = Attempt::new("wait 1000s");
    let secrets = [
        ("COORD_RUNNER_TOKEN", "the-runners-own-secret"),
        ("AWS_SECRET_ACCESS_KEY", "somebodys-other-secret"),
        ("SSH_AUTH_SOCK", "/run/agent-of-the-owner"),
    ];
    let worker = attempt.start_with(secrets);
    let mut face = attempt.connect().await;
    let mark = process::Mark {
        name: agents::MARK_VARIABLE.to_owned(),
        value: attempt.id.to_string(),
    };
    until(|| !process::marked(&mark).is_empty()).await;
    for process in process::marked(&mark) {
        let seen = fs::read(format!("/proc/{}/environ", process.pid)).unwrap();
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(seen.contains("COORD_OUTPUT_DIR="), "{seen}");
        for (name, value) in secrets {
            assert!(!seen.contains(name) && !seen.contains(value), "{seen}");
        }
    }
    assert_eq!(face.ask(cancel()).await, None);
    attempt.finish(worker).await;
}

async fn the_next_attempt_takes_the_session_up() {
    let first = Attempt::new("say before\nwait 1000s\nsay after");
    let worker = first.start();
    let mut face = first.connect().await;
    until(|| first.said().contains(&"before".to_owned())).await;
    let stop = json!({ "ask": "end", "why": { "reason": "service_stopped" } });
    assert_eq!(face.ask(stop).await, None);
    let result = first.finish(worker).await;
    assert_eq!(result["outcome"]["kind"], "interrupted", "{result}");
    let kept = fs::read(first.record().join("session.json")).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept["agent"], "demo");
    assert!(kept["session"].is_string() && kept["begun_at"].is_number());
    assert_eq!(kept["job_folder"], json!(first.job()));

    let second = Attempt::new("say before\nwait 1000s\nsay after");
    second.change_launch(|launch| {
        launch["job_folder"] = json!(first.job());
        launch["resume"] = kept;
    });
    let worker = second.start();
    let mut face = second.connect().await;
    let resumed = |event: &Event| matches!(event, Event::SessionStarted { resumed: true, .. });
    until(|| second.events().iter().any(resumed)).await;
    assert_eq!(face.ask(cancel()).await, None);
    second.finish(worker).await;
    assert!(!second.said().contains(&"before".to_owned()));
}
