//! The owner's word: what others may do here, and what is asked for from afar.

use libtest_mimic::Trial;
use protocol::{
    api::PersonRef,
    ids::AccountId,
    job::{OutcomeKind, Refusal, SharedUseLimit},
    runner::{Assignment, PauseTerms, PauseWish},
};

use super::{Machine, assignment, outcome};
use crate::{fake::Fake, trial, worker::until};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "service::the_owner_has_the_last_word_about_others",
            the_owner_has_the_last_word_about_others,
        ),
        trial(
            "service::read_only_for_others_lets_nothing_be_asked",
            read_only_for_others_lets_nothing_be_asked,
        ),
        trial(
            "service::a_wish_for_a_pause_is_carried_out_once",
            a_wish_for_a_pause_is_carried_out_once,
        ),
    ]
}

/// A job of somebody else.
fn shared(number: u64, email: &str, instructions: &str) -> Assignment {
    Assignment {
        submitter: Some(PersonRef {
            id: AccountId(uuid::Uuid::now_v7()),
            name: "Somebody".to_owned(),
            email: email.to_owned(),
        }),
        shared: true,
        ..assignment(number, instructions)
    }
}

fn allow(machine: &Machine, text: &str) {
    std::fs::create_dir_all(machine.data()).unwrap();
    let file = settings::places::config_file(&machine.data());
    std::fs::write(file, format!("[shared_use]\n{text}\n")).unwrap();
}

async fn the_owner_has_the_last_word_about_others() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    allow(&machine, "people = [\"grace@example.org\"]");
    let _service = machine.start();
    let refused = shared(1, "mallory@example.org", "output no.txt no");
    let taken = shared(2, "Grace@Example.org", "output yes.txt yes");
    let own = assignment(3, "output own.txt own");
    let ids = [refused.attempt_id, taken.attempt_id, own.attempt_id];
    coordinator
        .fake
        .change(|facts| facts.assignments.extend([refused, taken, own]));
    for id in &ids[1..] {
        let kept = outcome(&coordinator, *id).await;
        assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    }
    let mut facts = coordinator.fake.facts();
    // It is said again until a sync is answered.
    facts.refused.dedup();
    assert_eq!(facts.refused.len(), 1, "{:?}", facts.refused);
    assert_eq!(facts.refused[0].attempt_id, ids[0]);
    assert_eq!(
        facts.refused[0].because,
        Refusal::NotConsented {
            to: SharedUseLimit::Person
        }
    );
    assert!(!facts.confirmed.contains(&ids[0]), "it was never held");
    let said = facts.syncs.last().unwrap().shared_use.clone().unwrap();
    assert_eq!(said.people, ["grace@example.org"]);
}

async fn read_only_for_others_lets_nothing_be_asked() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    allow(&machine, "permission = \"read_only\"");
    let _service = machine.start();
    let job = shared(1, "grace@example.org", "run touch done.txt\nsay end");
    let id = job.attempt_id;
    coordinator.fake.change(|facts| facts.assignments.push(job));
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    let folder = machine.folder.path().join("work/team/1-a-job/attempt-1");
    assert!(folder.is_dir() && !folder.join("done.txt").exists());
}

async fn a_wish_for_a_pause_is_carried_out_once() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    coordinator.fake.change(|facts| {
        facts.pause_wish = Some(PauseWish {
            revision: 3,
            pause: Some(PauseTerms {
                for_ms: None,
                note: Some("Moving desks".to_owned()),
            }),
            by: "Ada".to_owned(),
        });
    });
    let paused = machine.state(|state| state.paused.clone()).await;
    assert_eq!(paused.note.as_deref(), Some("Moving desks"));
    let heard = |revision: u64, paused: bool| {
        let facts = coordinator.fake.facts();
        let last = facts.syncs.last();
        last.is_some_and(|sync| sync.pause_revision == revision && sync.paused.is_some() == paused)
    };
    until(|| heard(3, true)).await;
    // What is decided at the machine later stands, also over a restart.
    let client = machine.client().await;
    client
        .call(control::message::Request::Resume)
        .await
        .unwrap();
    until(|| heard(3, false)).await;
    service.detach().await;
    let before = coordinator.fake.facts().syncs.len();
    let _again = machine.start();
    until(|| coordinator.fake.facts().syncs.len() > before && heard(3, false)).await;
}
