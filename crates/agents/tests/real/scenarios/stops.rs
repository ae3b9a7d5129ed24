//! Work that is broken off, and taken up again.

use std::time::Duration;

use agents::driver::{AgentEvent, SessionPlan, TurnEnd};
use protocol::{approval::Decision, job::FailureClass};
use testkit::models::{Act, Rule};

use crate::{
    real::{
        agent::RealAgent,
        scene::{Scene, next},
    },
    stage::{GRACE, allow, written},
};

/// Writes its process id, whole or not at all, and takes its time.
const LONG: &str = "echo $$ >pid.new; mv pid.new pid; sleep 1000";
/// How long a command may outlive the turn that was broken off.
const COMMAND_PATIENCE: Duration = Duration::from_mins(1);

pub(super) async fn cancelled(real: &'static dyn RealAgent) -> String {
    let rules = vec![Rule::when_asked("take your time", vec![real.run(LONG)])];
    let scene = Scene::new(real, rules).await;
    let mut session = scene.new_session("take your time").await;
    let reply = next(&mut session, |event| match event {
        AgentEvent::ApprovalRequested { reply, .. } => Some(reply),
        _ => None,
    })
    .await;
    allow(reply);
    let command = written(&scene.file("pid")).await;
    session.stop.interrupt().await;
    let end = next(&mut session, |event| match event {
        AgentEvent::Ended(end) => Some(end),
        _ => None,
    })
    .await;
    assert_eq!(end, TurnEnd::Interrupted);
    let by_itself = ends(command).await;
    scene.end(session).await;
    let strays: Vec<_> = std::fs::read_dir(scene.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(strays, ["pid"], "something else is left in the folder");
    if by_itself {
        "yes, by itself".to_owned()
    } else {
        "yes, killed".to_owned()
    }
}

/// Whether a process comes to its end in time.
async fn ends(process: process::Identity) -> bool {
    let end = async {
        while process::is_alive(process) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(COMMAND_PATIENCE, end).await.is_ok()
}

pub(super) async fn killed(real: &'static dyn RealAgent) -> String {
    let scene = Scene::new(real, Vec::new()).await;
    let first = scene.file("first.txt");
    let second = scene.file("second.txt");
    scene.models.play(vec![
        Rule::when_asked("begin", vec![Act::say("Begun."), real.write(&first, "1\n")]),
        Rule::after_tool(vec![Act::say("and then something"), Act::Hang]),
        Rule::when_asked("go on", vec![real.write(&second, "2\n")]),
        Rule::after_tool(vec![Act::say("Finished.")]),
    ]);
    let mut session = scene.new_session("begin").await;
    let mut name = None;
    next(&mut session, |event| match event {
        AgentEvent::Started { session, .. } => {
            name = session;
            None
        }
        AgentEvent::ApprovalRequested { reply, .. } => {
            allow(reply);
            None
        }
        AgentEvent::Text(text) => text.contains("and then").then_some(()),
        _ => None,
    })
    .await;
    kill(session.pid).await;
    let end = next(&mut session, |event| match event {
        AgentEvent::Ended(end) => Some(end),
        _ => None,
    })
    .await;
    let TurnEnd::Failed(failure) = end else {
        panic!("it was killed, and did not fail");
    };
    assert_eq!(failure.class, FailureClass::Transient, "{failure:?}");
    scene.end(session).await;

    let plan = SessionPlan::Resume {
        session: name.clone().expect("its session has a name"),
        begun_at: None,
    };
    let session = scene.start("go on", plan).await;
    let told = scene.read(session, Decision::AllowOnce, "").await;
    assert_eq!(told.session, name, "it is another session");
    assert_eq!(
        told.end,
        TurnEnd::Completed {
            summary: Some("Finished.".to_owned())
        }
    );
    assert!(first.exists() && second.exists());
    let last = scene.models.requests().pop().unwrap();
    assert!(last.transcript.contains("Begun."), "{}", last.transcript);
    "yes".to_owned()
}

async fn kill(pid: u32) {
    let pid = pid.to_string();
    let environment = [("PATH", "/usr/bin:/bin")];
    let program = process::find_program("kill", &["/usr/bin".into(), "/bin".into()]).unwrap();
    let killed = process::run_briefly(&program, &["-9", &pid], environment, GRACE).await;
    assert!(killed.unwrap().status.success());
}

pub(super) async fn gone(real: &'static dyn RealAgent) -> String {
    let rules = vec![Rule::when_asked("hello", vec![Act::say("Hello.")])];
    let scene = Scene::new(real, rules).await;
    let plan = SessionPlan::Resume {
        session: "11111111-2222-4333-8444-555555555555".to_owned(),
        begun_at: None,
    };
    let session = scene.start("hello", plan).await;
    let told = scene.read(session, Decision::Deny, "").await;
    assert!(matches!(told.end, TurnEnd::Completed { .. }));
    let says_so = told.events.iter().any(
        |event| matches!(event, AgentEvent::Notice(words) if words.contains("could not be found")),
    );
    assert!(says_so, "it does not say that the session is another one");
    "begun anew, and says so".to_owned()
}
