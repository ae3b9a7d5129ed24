//! What the person has set in an agent's own files must not count for more than the policy
//! on the machine.

use agents::driver::{AgentEvent, TurnEnd};
use protocol::{approval::Decision, runner::PermissionLevel};
use testkit::models::{Act, Rule};

use crate::{
    real::{agent::RealAgent, scene::Scene},
    stage::Told,
};

/// A command and a file in a home whose settings allow both: how many requests came, and
/// whether either took effect.
async fn tried(
    real: &'static dyn RealAgent,
    level: PermissionLevel,
    decision: Decision,
) -> (usize, bool, bool) {
    let mut scene = Scene::new(real, Vec::new()).await;
    scene.level = level;
    scene.permissive = true;
    let (made, ran) = (scene.file("made.txt"), scene.file("ran.txt"));
    let command = real.run(&format!("touch {}", ran.display()));
    scene.models.play(vec![
        Rule::when_asked("work", vec![command]),
        Rule::after_tool(vec![real.write(&made, "by the agent\n")]),
        Rule::after_tool(vec![Act::say("All done.")]).always(),
    ]);
    let told = scene.told("work", decision, "").await;
    let ended = matches!(told.end, TurnEnd::Completed { .. });
    assert!(ended, "{:?}", told.end);
    (requests(&told), ran.exists(), made.exists())
}

fn requests(told: &Told) -> usize {
    let asked = |event: &&AgentEvent| matches!(event, AgentEvent::ApprovalRequested { .. });
    told.events.iter().filter(asked).count()
}

pub(super) async fn held(real: &'static dyn RealAgent) -> String {
    let (asked, ran, made) = tried(real, PermissionLevel::Ask, Decision::Deny).await;
    if !real.asks_always() {
        let held = if ran || made {
            "no, it acts by them"
        } else {
            "yes"
        };
        return held.to_owned();
    }
    assert!(asked > 0, "nobody was asked");
    assert!(!ran && !made, "it acted: command {ran}, file {made}");
    // Where it may only read, its settings help it no more than anybody's.
    let (_, ran, made) = tried(real, PermissionLevel::ReadOnly, Decision::Deny).await;
    assert!(
        !ran && !made,
        "it acted while reading: command {ran}, file {made}"
    );
    let (_, _, made) = tried(real, PermissionLevel::Ask, Decision::AllowOnce).await;
    assert!(made, "what was allowed did not happen");
    "yes".to_owned()
}
