//! The first owner, accounts, workspaces and sessions.

use futures::future::join_all;
use protocol::api::Role;
use store::{Actor, Error, NewSession, OwnerCreated, Store, WorkspaceKey};

use super::world::{START, World, line, new_job, owner};

pub(crate) async fn the_first_owner_is_made_once(store: &Store) {
    assert!(!store.is_bootstrapped().await.unwrap());
    let tries = (0..6).map(|n| {
        let mut new = owner();
        new.email = format!("owner{n}@example.com");
        new.workspace_slug = format!("lab{n}");
        store.create_first_owner(new, START)
    });
    let made = join_all(tries).await;
    let count = made
        .iter()
        .filter(|made| matches!(made, Ok(OwnerCreated::Created { .. })))
        .count();
    assert_eq!(count, 1, "{made:?}");
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    assert!(store.is_bootstrapped().await.unwrap());
    let mut found = 0;
    for n in 0..6 {
        let email = format!("owner{n}@example.com");
        found += usize::from(store.account_by_email(&email).await.unwrap().is_some());
    }
    assert_eq!(found, 1, "the accounts of the others were not kept");
}

pub(crate) async fn accounts_are_found_in_any_case(store: &Store) {
    let world = World::new(store).await;
    let account = store
        .account_by_email(" ADA@example.COM ")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(account.id, world.owner);
    assert_eq!(account.email, "ada@example.com");
    assert_eq!(store.account(world.owner).await.unwrap(), Some(account));
    assert_eq!(
        store.account_by_email("bob@example.com").await.unwrap(),
        None
    );
}

pub(crate) async fn a_workspace_is_found_by_id_and_slug_but_only_by_members(store: &Store) {
    let world = World::new(store).await;
    for key in [
        WorkspaceKey::parse("lab"),
        WorkspaceKey::parse(&world.workspace.to_string()),
    ] {
        let member = store.member(&key, world.owner).await.unwrap().unwrap();
        assert_eq!(member.role, Role::Owner);
        assert_eq!(member.workspace.id, world.workspace);
    }
    let stranger = protocol::ids::AccountId(uuid::Uuid::nil());
    assert_eq!(
        store
            .member(&WorkspaceKey::parse("lab"), stranger)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store.workspaces_of(world.owner).await.unwrap()[0].slug,
        "lab"
    );
    assert_eq!(
        store.workspace_ids_of(world.owner).await.unwrap(),
        [world.workspace]
    );
}

pub(crate) async fn sessions_end(store: &Store) {
    let world = World::new(store).await;
    let new = NewSession {
        account_id: world.owner,
        token_hash: "cookie".to_owned(),
        browser: "Firefox on Linux".to_owned(),
        address: "192.0.2.1".to_owned(),
        expires_at: START.plus_millis(100),
    };
    let id = store
        .create_session(new.clone(), line(world.owner, "account.signed_in"), START)
        .await
        .unwrap();
    let session = store.session("cookie", START).await.unwrap().unwrap();
    assert_eq!((session.id, session.account.id), (id, world.owner));
    let later = START.plus_millis(50);
    store.session_authenticated(id, later).await.unwrap();
    store.session_seen(id, later).await.unwrap();
    let session = store.session("cookie", later).await.unwrap().unwrap();
    assert_eq!(
        (session.authenticated_at, session.last_seen_at),
        (later, later)
    );
    assert_eq!(
        store
            .session("cookie", START.plus_millis(100))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store.sweep_sessions(START.plus_millis(99)).await.unwrap(),
        0
    );
    assert_eq!(
        store.sweep_sessions(START.plus_millis(100)).await.unwrap(),
        1
    );
    let id = store
        .create_session(new, line(world.owner, "account.signed_in"), START)
        .await
        .unwrap();
    store.end_session(id).await.unwrap();
    assert_eq!(store.session("cookie", START).await.unwrap(), None);
}

pub(crate) async fn a_text_with_nul_is_refused_alike(store: &Store) {
    let world = World::new(store).await;
    let job = new_job(world.workspace, world.owner, "a\0b", false);
    let refused = store.create_job(job, Actor::system(), START).await;
    assert!(matches!(refused, Err(Error::NulInText)), "{refused:?}");
    let job = new_job(world.workspace, world.owner, "a b", false);
    let kept = store.create_job(job, Actor::system(), START).await.unwrap();
    assert_eq!(kept.number, 1, "what failed used up no number");
}
