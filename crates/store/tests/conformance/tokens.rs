//! Grants with rotating tokens, and device codes.

use futures::future::join_all;
use protocol::{
    api::{ClientKind, DeviceDecision},
    ids::RequestId,
    time::Timestamp,
};
use store::{
    DeviceDecided, DevicePoll, DeviceState, Grant, GrantKind, NewDeviceCode, NewGrant, Refreshed,
    Store,
};
use uuid::Uuid;

use super::world::{START, World, hashes};

fn new_grant(world: &World<'_>) -> NewGrant {
    NewGrant {
        account_id: world.owner,
        kind: GrantKind::CommandLine,
        runner_id: None,
        machine: "box".to_owned(),
        system: "Debian 12".to_owned(),
    }
}

async fn grant(store: &Store, world: &World<'_>) -> Grant {
    store
        .create_grant(new_grant(world), hashes("1", START), START)
        .await
        .unwrap()
}

async fn refresh(store: &Store, old: &str, new: &str) -> Refreshed {
    refresh_in(store, RequestId(Uuid::now_v7()), old, new).await
}

async fn refresh_in(store: &Store, request: RequestId, old: &str, new: &str) -> Refreshed {
    let hash = format!("refresh-{old}");
    store
        .refresh_grant(&hash, hashes(new, START), Some(request), START)
        .await
        .unwrap()
}

async fn is_good(store: &Store, access: &str, now: Timestamp) -> bool {
    let hash = format!("access-{access}");
    store.bearer(&hash, now).await.unwrap().is_some()
}

/// More than there are connections to either database.
const CROWD: usize = 60;

pub(crate) async fn a_crowd_of_new_tokens_is_let_in(store: &Store) {
    let world = World::new(store).await;
    for n in 0..CROWD {
        let new = new_grant(&world);
        let made = store.create_grant(new, hashes(&n.to_string(), START), START);
        made.await.unwrap();
    }
    // Each first use is written down; nobody may hold what another one needs for that.
    let uses = (0..CROWD).map(|n| async move { is_good(store, &n.to_string(), START).await });
    assert_eq!(join_all(uses).await, [true; CROWD]);
}

pub(crate) async fn a_refresh_token_lives_until_its_successor_is_used(store: &Store) {
    let world = World::new(store).await;
    grant(store, &world).await;
    assert!(is_good(store, "1", START).await);
    assert!(matches!(
        refresh(store, "1", "2").await,
        Refreshed::Renewed(_)
    ));
    // The answer was lost: the same token once more, and the lost pair is worth nothing.
    assert!(matches!(
        refresh(store, "1", "2b").await,
        Refreshed::Renewed(_)
    ));
    assert!(!is_good(store, "2", START).await);
    assert_eq!(refresh(store, "unknown", "x").await, Refreshed::Invalid);
    assert!(
        is_good(store, "1", START).await,
        "an unknown token takes nothing away"
    );
    // Its successor is used for the first time, and so it ends.
    assert!(matches!(
        refresh(store, "2b", "3").await,
        Refreshed::Renewed(_)
    ));
    assert_eq!(refresh(store, "1", "x").await, Refreshed::Reused);
    assert!(
        !is_good(store, "3", START).await,
        "the whole grant is revoked"
    );
    assert_eq!(refresh(store, "3", "x").await, Refreshed::Invalid);
}

pub(crate) async fn a_trade_that_comes_twice_takes_nothing_away(store: &Store) {
    let world = World::new(store).await;
    grant(store, &world).await;
    let request = RequestId(Uuid::now_v7());
    let renewed = refresh_in(store, request, "1", "2").await;
    assert!(matches!(renewed, Refreshed::Renewed(_)), "{renewed:?}");
    let again = refresh_in(store, request, "1", "2b").await;
    assert_eq!(again, Refreshed::Repeated);
    assert!(is_good(store, "2", START).await);
    assert!(!is_good(store, "2b", START).await);
    // Late, when the pair that it got is in use.
    let late = refresh_in(store, request, "1", "2c").await;
    assert_eq!(late, Refreshed::Repeated);
    assert!(is_good(store, "2", START).await);
    // Another request with the same token is somebody else's.
    assert_eq!(refresh(store, "1", "x").await, Refreshed::Reused);
    assert!(!is_good(store, "2", START).await);
}

pub(crate) async fn using_the_new_access_token_ends_the_old_refresh_token(store: &Store) {
    let world = World::new(store).await;
    grant(store, &world).await;
    assert!(matches!(
        refresh(store, "1", "2").await,
        Refreshed::Renewed(_)
    ));
    assert!(is_good(store, "2", START).await);
    assert_eq!(refresh(store, "1", "x").await, Refreshed::Reused);
    assert!(!is_good(store, "2", START).await);
}

pub(crate) async fn a_revoked_grant_is_worth_nothing(store: &Store) {
    let world = World::new(store).await;
    let made = grant(store, &world).await;
    let bearer = store.bearer("access-1", START).await.unwrap().unwrap();
    assert_eq!((bearer.grant.id, bearer.account.id), (made.id, world.owner));
    assert!(
        !is_good(store, "1", START.plus_millis(3_600_000)).await,
        "it ends by itself"
    );
    store.revoke_grant(made.id, START).await.unwrap();
    assert!(!is_good(store, "1", START).await);
    assert_eq!(refresh(store, "1", "2").await, Refreshed::Invalid);
    assert_eq!(store.sweep_tokens(START).await.unwrap(), 0);
    assert_eq!(
        store
            .sweep_tokens(START.plus_millis(86_400_000))
            .await
            .unwrap(),
        2
    );
}

fn device(user_code: &str) -> NewDeviceCode {
    NewDeviceCode {
        device_hash: format!("hash of {user_code}"),
        user_code: user_code.to_owned(),
        client: ClientKind::Runner,
        machine: "box".to_owned(),
        system: "Debian 12".to_owned(),
        address: "192.0.2.1".to_owned(),
        interval_s: 5,
        expires_at: START.plus_millis(600_000),
    }
}

async fn poll(store: &Store, user_code: &str, at_ms: u64) -> DevicePoll {
    let now = START.plus_millis(at_ms);
    let hash = format!("hash of {user_code}");
    store
        .poll_device_code(
            &hash,
            ClientKind::Runner,
            hashes(&format!("d{at_ms}"), now),
            now,
        )
        .await
        .unwrap()
}

pub(crate) async fn a_device_code_becomes_a_grant_once(store: &Store) {
    let world = World::new(store).await;
    assert!(
        store
            .create_device_code(device("AAAA-BBBB"), START)
            .await
            .unwrap()
    );
    let mut again = device("AAAA-BBBB");
    again.device_hash = "another".to_owned();
    assert!(
        !store.create_device_code(again, START).await.unwrap(),
        "the user code is taken"
    );
    assert_eq!(poll(store, "AAAA-BBBB", 0).await, DevicePoll::Pending);
    let decided = store
        .decide_device_code(
            "AAAA-BBBB",
            world.owner,
            DeviceDecision::Confirm,
            None,
            START,
        )
        .await
        .unwrap();
    assert_eq!(decided, DeviceDecided::Done);
    let code = store
        .device_code("AAAA-BBBB", START)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(code.state, DeviceState::Confirmed);
    let other_client = store
        .poll_device_code(
            "hash of AAAA-BBBB",
            ClientKind::CommandLine,
            hashes("x", START),
            START,
        )
        .await
        .unwrap();
    assert_eq!(other_client, DevicePoll::Invalid);
    let DevicePoll::Granted(grant) = poll(store, "AAAA-BBBB", 5_000).await else {
        panic!("not granted");
    };
    assert_eq!(
        (grant.kind, grant.account_id),
        (GrantKind::Runner, world.owner)
    );
    assert!(is_good(store, "d5000", START).await);
    assert_eq!(poll(store, "AAAA-BBBB", 10_000).await, DevicePoll::Invalid);
}

pub(crate) async fn a_device_that_asks_too_often_has_to_wait_longer(store: &Store) {
    World::new(store).await;
    store
        .create_device_code(device("AAAA-BBBB"), START)
        .await
        .unwrap();
    assert_eq!(poll(store, "AAAA-BBBB", 0).await, DevicePoll::Pending);
    assert_eq!(
        poll(store, "AAAA-BBBB", 1).await,
        DevicePoll::SlowDown { interval_s: 10 }
    );
    assert_eq!(
        poll(store, "AAAA-BBBB", 5_001).await,
        DevicePoll::SlowDown { interval_s: 15 }
    );
    assert_eq!(poll(store, "AAAA-BBBB", 20_001).await, DevicePoll::Pending);
}

pub(crate) async fn codes_end_and_denials_count(store: &Store) {
    let world = World::new(store).await;
    store
        .create_device_code(device("AAAA-BBBB"), START)
        .await
        .unwrap();
    store
        .create_device_code(device("CCCC-DDDD"), START)
        .await
        .unwrap();
    let decide = |code: &'static str, at| {
        store.decide_device_code(code, world.owner, DeviceDecision::Deny, None, at)
    };
    assert_eq!(
        decide("CCCC-DDDD", START).await.unwrap(),
        DeviceDecided::Done
    );
    assert_eq!(
        decide("CCCC-DDDD", START).await.unwrap(),
        DeviceDecided::Invalid
    );
    assert_eq!(poll(store, "CCCC-DDDD", 0).await, DevicePoll::Denied);
    let end = START.plus_millis(600_000);
    assert_eq!(
        decide("AAAA-BBBB", end).await.unwrap(),
        DeviceDecided::Invalid
    );
    assert_eq!(store.device_code("AAAA-BBBB", end).await.unwrap(), None);
    assert_eq!(poll(store, "AAAA-BBBB", 600_000).await, DevicePoll::Expired);
    assert_eq!(store.sweep_device_codes(end).await.unwrap(), 0);
    assert_eq!(
        store
            .sweep_device_codes(end.plus_millis(3_600_000))
            .await
            .unwrap(),
        2
    );
    assert_eq!(poll(store, "AAAA-BBBB", 600_000).await, DevicePoll::Invalid);
}
