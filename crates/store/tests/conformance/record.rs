//! The two streams of an attempt.

use lifecycle::numbering::Refused;
use protocol::{
    agent::AgentName,
    job::Phase,
    record::{Event, EventEntry, TurnUsage, Usage},
};
use store::{Appended, Entry, Store};

use super::world::{START, World, event, listed, log_entry};

pub(crate) async fn uploads_may_repeat_and_overlap_but_leave_no_gap(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let append = |from: u64, to: u64| {
        let entries = (from..=to).map(log_entry).collect();
        store.append_log(machine.id, at.attempt_id, 1, entries, START)
    };
    for (from, to, last, new) in [
        (1, 3, 3, 3),
        (1, 3, 3, 0),
        (2, 5, 5, 2),
        (6, 6, 6, 1),
        (1, 0, 6, 0),
    ] {
        let kept = append(from, to).await.unwrap();
        assert_eq!(kept, Appended::Kept { at, last, new }, "{from}..={to}");
    }
    assert_eq!(
        append(8, 9).await.unwrap(),
        Appended::Refused(Refused::Gap { expected: 7 })
    );
    let page = store.log(at.attempt_id, 1, 2).await.unwrap().unwrap();
    let page = page.entries;
    assert_eq!(page.json, [log_entry(2).json, log_entry(3).json]);
    assert_eq!((page.last, page.ended), (6, false));
    let many: Vec<_> = (7..=1006).map(log_entry).collect();
    let kept = store
        .append_log(machine.id, at.attempt_id, 1, many, START)
        .await
        .unwrap();
    assert_eq!(
        kept,
        Appended::Kept {
            at,
            last: 1006,
            new: 1000
        }
    );
}

pub(crate) async fn entries_stay_as_they_came(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let json = r#"{"n":1,"at":5,"event":{"type":"from_the_future","x":[1, "\u0000"]},"more":true}"#;
    let value: EventEntry = serde_json::from_str(json).unwrap();
    assert_eq!(value.event, Event::Unknown);
    let json = json.to_owned();
    let entries = vec![Entry {
        value,
        json: json.clone(),
    }];
    store
        .append_events(machine.id, at.attempt_id, 1, entries, START)
        .await
        .unwrap();
    let page = store.events(at.attempt_id, 0, 10).await.unwrap().unwrap();
    assert_eq!(page.json, [json]);
}

pub(crate) async fn only_the_runner_with_the_fence_may_write(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let other = world.machine(2).await;
    let at = world.held(&mut machine, START).await;
    for (runner, fence) in [(other.id, 1), (machine.id, 2), (machine.id, 0)] {
        let kept = store
            .append_log(runner, at.attempt_id, fence, vec![log_entry(1)], START)
            .await
            .unwrap();
        assert_eq!(kept, Appended::NotYours);
    }
    let page = store.log(at.attempt_id, 0, 10).await.unwrap().unwrap();
    assert!(page.entries.json.is_empty());
}

pub(crate) async fn events_are_followed(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let usage = Usage {
        input_tokens: 7,
        ..Usage::default()
    };
    let entries = vec![
        event(
            1,
            Event::PhaseChanged {
                phase: Phase::Packaging,
            },
        ),
        event(
            2,
            Event::SessionStarted {
                agent: AgentName::new("claude"),
                version: None,
                session: None,
                model: None,
                resumed: false,
            },
        ),
        event(
            3,
            Event::UsageReported {
                usage: usage.clone(),
                turn: Some(TurnUsage {
                    turn: 1,
                    usage: usage.clone(),
                }),
            },
        ),
    ];
    store
        .append_events(machine.id, at.attempt_id, 1, entries, START)
        .await
        .unwrap();
    let attempt = store.attempt(at.attempt_id).await.unwrap().unwrap();
    assert_eq!(attempt.phase, Phase::Packaging);
    assert_eq!(attempt.agent, Some(AgentName::new("claude")));
    assert_eq!((attempt.usage, attempt.events_last), (Some(usage), 3));
    let list = store
        .jobs(
            world.workspace,
            store::JobFilter {
                limit: 9,
                ..Default::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(list.jobs[0].agent, Some(AgentName::new("claude")));
    assert_eq!(list.jobs[0].runner.as_deref(), Some("box1"));
    world
        .sync(&mut machine, &[listed(at.attempt_id, 1)], START)
        .await;
}
