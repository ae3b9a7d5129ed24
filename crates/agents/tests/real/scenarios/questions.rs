//! Questions of an agent to its person, and what it hears.

use agents::driver::{AgentEvent, TurnEnd};
use protocol::{approval::Decision, question::ItemAnswer};
use testkit::models::{Act, Rule};

use crate::real::{
    agent::{Question, RealAgent},
    scene::{Scene, next},
};

/// What is answered to the second of several questions, in one's own words.
const OWN_WORDS: &str = "Neither, take the third one.";

fn which_database() -> Question {
    Question {
        text: "Which database?",
        options: ["Postgres", "SQLite"],
    }
}

pub(super) async fn asked(real: &'static dyn RealAgent) -> String {
    let rules = vec![
        Rule::when_asked("choose", vec![real.ask(&which_database())]),
        Rule::after_tool(vec![Act::say("Thanks.")]).saying("SQLite"),
        // Where the question ended a turn, the answer begins the next.
        Rule::when_asked("SQLite", vec![Act::say("Thanks.")]),
    ];
    let scene = Scene::new(real, rules).await;
    let told = scene.told("choose", Decision::Deny, "SQLite").await;
    assert_eq!(told.end, completed("Thanks."));
    "yes".to_owned()
}

fn completed(words: &str) -> TurnEnd {
    TurnEnd::Completed {
        summary: Some(words.to_owned()),
    }
}

/// Two at once: several options of the first, where it takes them, and own words for the second.
pub(super) async fn several(real: &'static dyn RealAgent) -> String {
    let systems = Question {
        text: "Which systems?",
        options: ["Linux", "macOS"],
    };
    let Some(ask) = real.ask_both(&systems, &which_database()) else {
        return "asks one at a time".to_owned();
    };
    let scene = Scene::new(
        real,
        vec![
            Rule::when_asked("choose", vec![ask]),
            Rule::after_tool(vec![Act::say("Thanks.")]).saying(OWN_WORDS),
        ],
    )
    .await;
    let mut session = scene.new_session("choose").await;
    let (items, reply) = next(&mut session, |event| match event {
        AgentEvent::QuestionAsked { items, reply } => Some((items, reply)),
        _ => None,
    })
    .await;
    assert_eq!(items.len(), 2, "{items:?}");
    let multiple = items[0].multiple;
    let chosen = if multiple { 2 } else { 1 };
    let values = [
        systems.options[..chosen]
            .iter()
            .map(|word| (*word).to_owned())
            .collect(),
        vec![OWN_WORDS.to_owned()],
    ];
    let answers = items.iter().zip(values).map(|(item, values)| ItemAnswer {
        key: item.key.clone(),
        values,
    });
    reply.send(answers.collect()).unwrap();
    let told = scene.read(session, Decision::Deny, "").await;
    assert_eq!(told.end, completed("Thanks."));
    let last = scene.models.requests().pop().unwrap().transcript;
    for word in &systems.options[..chosen] {
        assert!(last.contains(word), "{word} is missing: {last}");
    }
    if multiple {
        "yes, also more than one option".to_owned()
    } else {
        "yes".to_owned()
    }
}

/// Nobody answers: it goes on by itself, as after the time for an answer.
pub(super) async fn unanswered(real: &'static dyn RealAgent) -> String {
    let own = || vec![Act::say("Then I decided for myself.")];
    let rules = vec![
        Rule::when_asked("choose", vec![real.ask(&which_database())]),
        Rule::after_tool(own()),
        Rule::when_asked("Decide for yourself", own()),
    ];
    let scene = Scene::new(real, rules).await;
    let mut session = scene.new_session("choose").await;
    next(&mut session, |event| match event {
        AgentEvent::QuestionAsked { reply, .. } => {
            drop(reply);
            Some(())
        }
        _ => None,
    })
    .await;
    let told = scene.read(session, Decision::Deny, "").await;
    assert_eq!(told.end, completed("Then I decided for myself."));
    "goes on by itself".to_owned()
}
