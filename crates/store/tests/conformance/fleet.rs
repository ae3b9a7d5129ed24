//! What workspaces make of runners, and what is asked of runners from afar.

use protocol::api::Sharing;
use store::{PlaceChanged, RunnerInView, Store};

use super::world::{START, World};

async fn seen(world: &World<'_>, id: protocol::ids::RunnerId) -> RunnerInView {
    let seen = world.store.runner_in_view(world.workspace, id).await;
    seen.unwrap().expect("in view")
}

pub(crate) async fn a_runner_is_private_and_enabled_until_somebody_says_otherwise(store: &Store) {
    let world = World::new(store).await;
    let id = world.machine(1).await.id;
    let first = seen(&world, id).await;
    assert_eq!((first.sharing, first.disabled), (Sharing::Private, None));
    let share = |sharing| store.set_sharing(world.workspace, id, sharing);
    assert_eq!(
        share(Sharing::Private).await.unwrap(),
        PlaceChanged::AsBefore
    );
    assert_eq!(share(Sharing::Shared).await.unwrap(), PlaceChanged::Done);
    assert_eq!(
        share(Sharing::Shared).await.unwrap(),
        PlaceChanged::AsBefore
    );
    let later = START.plus_millis(5);
    let disable = |reason: &str| {
        store.disable_runner(world.workspace, id, world.owner, reason.to_owned(), later)
    };
    assert_eq!(disable("too hot").await.unwrap(), PlaceChanged::Done);
    let disabled = seen(&world, id).await;
    assert_eq!(
        disabled.sharing,
        Sharing::Shared,
        "one says nothing of the other"
    );
    let why = disabled.disabled.expect("disabled");
    assert_eq!(
        (why.by.as_str(), why.at, why.reason.as_str()),
        ("Ada", later, "too hot")
    );
    assert_eq!(disable("too hot").await.unwrap(), PlaceChanged::AsBefore);
    assert_eq!(disable("too loud").await.unwrap(), PlaceChanged::Done);
    let enable = || store.enable_runner(world.workspace, id);
    assert_eq!(enable().await.unwrap(), PlaceChanged::Done);
    assert_eq!(enable().await.unwrap(), PlaceChanged::AsBefore);
    assert_eq!(seen(&world, id).await.disabled, None);
    store.sign_runner_out(id, later).await.unwrap();
    assert_eq!(
        share(Sharing::Private).await.unwrap(),
        PlaceChanged::NotInView
    );
}
