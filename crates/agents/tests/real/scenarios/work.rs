//! Work that goes as it should.

use std::sync::Arc;

use agents::driver::{AgentEvent, TurnEnd};
use protocol::{
    agent::{Detection, SignIn},
    approval::Decision,
    record::ToolStatus,
    runner::PermissionLevel,
};
use testkit::models::{Act, Rule};
use tokio::sync::Notify;

use crate::real::{
    agent::RealAgent,
    scene::{Scene, next, statuses},
};

fn completed(words: &str) -> TurnEnd {
    TurnEnd::Completed {
        summary: Some(words.to_owned()),
    }
}

pub(super) async fn found(real: &'static dyn RealAgent) -> String {
    let scene = Scene::new(real, Vec::new()).await;
    let without = scene.detect(false).await;
    assert_eq!(without.detection, Detection::Detected, "{without:?}");
    assert_eq!(without.sign_in, SignIn::SignedOut, "{without:?}");
    assert!(without.hint.is_some(), "it does not say how to sign in");
    let status = scene.detect(true).await;
    assert_eq!(status.sign_in, SignIn::SignedIn, "{status:?}");
    status.version.unwrap()
}

pub(super) async fn streams(real: &'static dyn RealAgent) -> String {
    let go_on = Arc::new(Notify::new());
    let acts = vec![
        Act::say("The first half."),
        Act::WaitFor(Arc::clone(&go_on)),
        Act::say("The second half."),
    ];
    let scene = Scene::new(real, vec![Rule::when_asked("speak", acts)]).await;
    let mut session = scene.new_session("speak").await;
    // Its model is not done, and goes on only after this was seen.
    next(&mut session, |event| match event {
        AgentEvent::Text(text) => text.contains("first").then_some(()),
        _ => None,
    })
    .await;
    go_on.notify_one();
    let told = scene.read(session, Decision::Deny, "").await;
    assert!(matches!(told.end, TurnEnd::Completed { .. }));
    assert!(told.said().contains("second half."), "{}", told.said());
    "yes".to_owned()
}

/// What it told of a file that it asked to write, and whether the file is there.
async fn write(real: &'static dyn RealAgent, decision: Decision) -> (Vec<ToolStatus>, bool) {
    let scene = Scene::new(real, Vec::new()).await;
    let path = scene.file("made.txt");
    let write = real.write(&path, "by the agent\n");
    scene.models.play(vec![
        Rule::when_asked("write the file", vec![Act::say("I write it."), write]),
        Rule::after_tool(vec![Act::say("All done.")]),
    ]);
    let told = scene.told("write the file", decision, "").await;
    assert_eq!(told.end, completed("All done."));
    let asked = told.events.iter().find_map(|event| match event {
        AgentEvent::ApprovalRequested { subject, .. } => Some(subject),
        _ => None,
    });
    let asked = asked.expect("nobody was asked");
    assert!(asked.inside_folder, "{asked:?}");
    assert!(format!("{:?}", asked.action).contains("made.txt"));
    if decision.allows() {
        assert!(
            told.events
                .iter()
                .any(|event| matches!(event, AgentEvent::Usage(_) | AgentEvent::TurnUsage(_))),
            "no usage was told"
        );
    }
    let text = std::fs::read_to_string(path);
    if let Ok(text) = &text {
        assert_eq!(text, "by the agent\n");
    }
    (statuses(&told), text.is_ok())
}

pub(super) async fn allowed(real: &'static dyn RealAgent) -> String {
    let (statuses, there) = write(real, Decision::AllowOnce).await;
    assert_eq!(statuses, [ToolStatus::Completed]);
    assert!(there, "nothing was written");
    "yes".to_owned()
}

pub(super) async fn denied(real: &'static dyn RealAgent) -> String {
    let (statuses, there) = write(real, Decision::Deny).await;
    assert_eq!(statuses, [ToolStatus::Declined]);
    assert!(!there, "it was written all the same");
    "yes, and it goes on".to_owned()
}

pub(super) async fn heard(real: &'static dyn RealAgent) -> String {
    let note = "Use another name for it.";
    let scene = Scene::new(real, Vec::new()).await;
    let path = scene.file("made.txt");
    let write = real.write(&path, "by the agent\n");
    scene.models.play(vec![
        Rule::when_asked("write the file", vec![Act::say("I write it."), write]),
        // With the tool's result, or as the person's own words after it.
        Rule::after_tool(vec![Act::say("Understood, another.")]).saying(note),
        Rule::when_asked(note, vec![Act::say("Understood, another.")]),
        Rule::after_tool(vec![Act::say("Well then.")]),
    ]);
    let told = scene.told_why_not("write the file", note).await;
    assert_eq!(told.end, completed("Understood, another."));
    assert!(!path.exists(), "it was written all the same");
    "yes".to_owned()
}

pub(super) async fn reads(real: &'static dyn RealAgent) -> String {
    let mut scene = Scene::new(real, Vec::new()).await;
    scene.level = PermissionLevel::ReadOnly;
    let path = scene.file("made.txt");
    let write = real.write(&path, "by the agent\n");
    scene.models.play(vec![
        Rule::when_asked("write the file", vec![Act::say("I write it."), write]),
        Rule::after_tool(vec![Act::say("Then I do not.")]).always(),
    ]);
    // As the machine's policy decides; what does not ask is not helped by it.
    let told = scene.told("write the file", Decision::Deny, "").await;
    assert!(
        matches!(told.end, TurnEnd::Completed { .. }),
        "{:?}",
        told.end
    );
    assert!(told.said().contains("Then I do not."), "{}", told.said());
    assert!(!path.exists(), "it was written");
    "yes".to_owned()
}
