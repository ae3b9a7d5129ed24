//! Accounts that people make and look after: passwords, links, tokens, devices, identities.

use protocol::{
    api::{Role, TokenScope},
    ids::AccountId,
    time::Timestamp,
};
use store::{
    Account, AccountDeleted, Actor, AuditFilter, AuditLog, Identity, IdentityFound,
    InvitationCreated, NewAccount, NewApiToken, NewInvitation, NewResetLink, NewSession,
    ProviderSignIn, Registered, SignedUp, Store, WorkspaceKey,
};

use super::world::{START, World, hashes, line, new_job, new_runner};

fn bob() -> NewAccount {
    NewAccount {
        email: "bob@example.com".to_owned(),
        name: "Bob".to_owned(),
        password_hash: Some("$argon2id$bob".to_owned()),
        is_email_verified: false,
    }
}

async fn make(store: &Store, new: NewAccount) -> Account {
    match store
        .sign_up(new, None, Actor::system(), START)
        .await
        .unwrap()
    {
        SignedUp::Done(account) => account,
        refused => panic!("{refused:?}"),
    }
}

async fn browser(store: &Store, account_id: AccountId, cookie: &str) -> protocol::ids::SessionId {
    let new = NewSession {
        account_id,
        token_hash: cookie.to_owned(),
        browser: "Firefox on Linux".to_owned(),
        address: "192.0.2.1".to_owned(),
        expires_at: START.plus_millis(10_000),
    };
    let line = line(account_id, "account.signed_in");
    store.create_session(new, line, START).await.unwrap()
}

/// What the account's log tells, oldest first.
async fn told(store: &Store, account_id: AccountId) -> Vec<String> {
    let filter = AuditFilter {
        limit: 100,
        ..AuditFilter::default()
    };
    let page = store
        .audit_page(AuditLog::Account(account_id), filter)
        .await
        .unwrap();
    let mut told: Vec<_> = page.entries.into_iter().map(|line| line.action).collect();
    told.reverse();
    told
}

pub(crate) async fn an_address_belongs_to_one_account(store: &Store) {
    World::new(store).await;
    let made = make(store, bob()).await;
    assert_eq!(
        store.account_by_email("BOB@example.com").await.unwrap(),
        Some(made.clone())
    );
    for email in ["bob@example.com", "Ada@Example.com"] {
        let mut again = bob();
        email.clone_into(&mut again.email);
        let refused = store
            .sign_up(again, None, Actor::system(), START)
            .await
            .unwrap();
        assert_eq!(refused, SignedUp::EmailTaken, "{email}");
    }
    assert_eq!(told(store, made.id).await, ["account.made"]);
    assert!(store.workspaces_of(made.id).await.unwrap().is_empty());
}

pub(crate) async fn a_new_password_signs_other_browsers_out(store: &Store) {
    let world = World::new(store).await;
    let bob = make(store, bob()).await;
    let keep = browser(store, bob.id, "here").await;
    browser(store, bob.id, "there").await;
    browser(store, world.owner, "ada").await;
    store
        .change_password(
            bob.id,
            "$argon2id$new".to_owned(),
            Some(keep),
            line(bob.id, "account.password_changed"),
            START,
        )
        .await
        .unwrap();
    let kept = store.account(bob.id).await.unwrap().unwrap();
    assert_eq!(kept.password_hash.as_deref(), Some("$argon2id$new"));
    let left = store
        .sessions_of(bob.id, Some(keep), 10_000, START)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].current && left[0].id == keep);
    assert!(store.session("ada", START).await.unwrap().is_some());
    let stranger = line(bob.id, "account.browsers_signed_out");
    assert!(
        !store
            .end_session_of(world.owner, keep, stranger.clone(), START)
            .await
            .unwrap(),
        "a browser of somebody else is not there"
    );
    assert_eq!(
        store
            .end_other_sessions(bob.id, None, stranger, START)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        told(store, bob.id).await.last().map(String::as_str),
        Some("account.browsers_signed_out")
    );
}

pub(crate) async fn a_reset_link_works_once_and_ends(store: &Store) {
    World::new(store).await;
    let bob = make(store, bob()).await;
    browser(store, bob.id, "cookie").await;
    let link = |hash: &str| NewResetLink {
        token_hash: hash.to_owned(),
        account_id: bob.id,
        mailed: true,
        expires_at: START.plus_millis(100),
    };
    let made = || line(bob.id, "account.reset_link_made");
    for hash in ["first", "second"] {
        store
            .create_reset_link(link(hash), made(), START)
            .await
            .unwrap();
    }
    assert!(
        !store.reset_link_works("first", START).await.unwrap(),
        "a newer link ends the one before"
    );
    let ended = START.plus_millis(100);
    assert!(!store.reset_link_works("second", ended).await.unwrap());
    let use_it = |at| {
        store.use_reset_link(
            "second".to_owned(),
            "$argon2id$new".to_owned(),
            Actor::system(),
            at,
        )
    };
    assert_eq!(use_it(ended).await.unwrap(), None);
    let account = use_it(START).await.unwrap().unwrap();
    assert_eq!(account.id, bob.id);
    assert_eq!(use_it(START).await.unwrap(), None, "it is used up");
    assert_eq!(store.session("cookie", START).await.unwrap(), None);
    store
        .create_reset_link(link("third"), made(), START)
        .await
        .unwrap();
    assert_eq!(store.sweep_reset_links(ended).await.unwrap(), 1);
}

pub(crate) async fn a_token_for_scripts_ends_and_is_revoked(store: &Store) {
    let world = World::new(store).await;
    let token = |hash: &str| NewApiToken {
        token_hash: hash.to_owned(),
        account_id: world.owner,
        name: "nightly".to_owned(),
        scopes: vec![TokenScope::Read, TokenScope::Jobs],
        workspace: None,
        prefix: "cot_abcdef".to_owned(),
        expires_at: START.plus_millis(100),
    };
    let made = || line(world.owner, "api_token.made");
    let first = store
        .create_api_token(token("first"), made(), START)
        .await
        .unwrap()
        .unwrap();
    store
        .create_api_token(token("second"), made(), START)
        .await
        .unwrap()
        .unwrap();
    let bearer = store.api_bearer("first", START).await.unwrap().unwrap();
    assert_eq!((bearer.id, bearer.account.id), (first.id, world.owner));
    assert_eq!(bearer.scopes, [TokenScope::Read, TokenScope::Jobs]);
    let listed = store.api_tokens_of(world.owner).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1].last_used_at, Some(START), "its use is noted");
    let ended = START.plus_millis(100);
    assert_eq!(store.api_bearer("first", ended).await.unwrap(), None);
    let revoked = || line(world.owner, "api_token.revoked");
    let nobody = AccountId(uuid::Uuid::nil());
    for (account, done) in [(nobody, false), (world.owner, true), (world.owner, false)] {
        assert_eq!(
            store
                .revoke_api_token(account, first.id, revoked(), START)
                .await
                .unwrap(),
            done
        );
    }
    assert_eq!(store.api_bearer("first", START).await.unwrap(), None);
    assert_eq!(store.sweep_api_tokens(ended).await.unwrap(), 1);
}

pub(crate) async fn devices_are_listed_while_they_can_come_back(store: &Store) {
    let world = World::new(store).await;
    world.register("box", 1).await;
    let devices = store.devices_of(world.owner, None, START).await.unwrap();
    assert_eq!(devices.len(), 1);
    let runner = devices[0].runner.as_ref().unwrap();
    assert_eq!(runner.name, "box");
    assert_eq!(devices[0].last_used_at, None);
    let tokens = hashes("box-1", START);
    store.bearer(&tokens.access, START).await.unwrap().unwrap();
    let devices = store.devices_of(world.owner, None, START).await.unwrap();
    assert_eq!(devices[0].last_used_at, Some(START));
    let ended = tokens.refresh_expires_at;
    assert!(
        store
            .devices_of(world.owner, None, ended)
            .await
            .unwrap()
            .is_empty()
    );
    let out = line(world.owner, "device.signed_out");
    store
        .revoke_device(devices[0].id, out, START)
        .await
        .unwrap();
    assert_eq!(store.bearer(&tokens.access, START).await.unwrap(), None);
    assert!(
        store
            .devices_of(world.owner, None, START)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn an_identity_is_linked_only_when_both_sides_vouch(store: &Store) {
    let world = World::new(store).await;
    let bob = make(store, bob()).await;
    let identity = |subject: &str, email: &str, verified, may_sign_up| Identity {
        issuer: "https://id.example.com".to_owned(),
        subject: subject.to_owned(),
        email: (!email.is_empty()).then(|| email.to_owned()),
        is_email_verified: verified,
        name: "Somebody".to_owned(),
        may_sign_up,
    };
    let find = |identity: Identity| store.account_of_identity(identity, Actor::system(), START);
    let taken = IdentityFound::EmailTaken;
    let ada = "ada@example.com";
    assert_eq!(
        find(identity("1", ada, false, true)).await.unwrap(),
        taken,
        "the provider does not vouch"
    );
    assert_eq!(
        find(identity("2", "bob@example.com", true, true))
            .await
            .unwrap(),
        taken,
        "nothing shows that Bob's address is his"
    );
    assert!(!store.has_identity(bob.id).await.unwrap());
    let found = find(identity("3", ada, true, false)).await.unwrap();
    assert!(matches!(&found, IdentityFound::Account(account) if account.id == world.owner));
    assert!(store.has_identity(world.owner).await.unwrap());
    assert_eq!(
        find(identity("3", "other@example.com", false, false))
            .await
            .unwrap(),
        found,
        "whom it is linked with does not depend on the address any more"
    );
    assert_eq!(
        find(identity("4", "eve@example.com", true, false))
            .await
            .unwrap(),
        IdentityFound::SignUpClosed
    );
    assert_eq!(
        find(identity("5", "", false, true)).await.unwrap(),
        IdentityFound::NoEmail
    );
    let made = find(identity("6", "eve@example.com", true, true)).await;
    let IdentityFound::Account(eve) = made.unwrap() else {
        panic!("an account is made");
    };
    assert_eq!(
        (eve.password_hash, eve.email.as_str()),
        (None, "eve@example.com")
    );
    assert_eq!(
        told(store, eve.id).await,
        ["account.made", "account.identity_linked"]
    );
}

async fn invite(world: &World<'_>, email: &str, token_hash: &str, role: Role) {
    let new = NewInvitation {
        workspace_id: world.workspace,
        email: email.to_owned(),
        role,
        token_hash: token_hash.to_owned(),
        invited_by: world.owner,
        expires_at: START.plus_millis(100),
        open_max: 10,
    };
    let made = world
        .store
        .create_invitation(new, Actor::system(), START)
        .await
        .unwrap();
    assert!(matches!(made, InvitationCreated::Done(_)), "{made:?}");
}

async fn sign_up_with(store: &Store, token: &str, at: Timestamp) -> SignedUp {
    store
        .sign_up(bob(), Some(token.to_owned()), Actor::system(), at)
        .await
        .unwrap()
}

pub(crate) async fn an_invitation_is_accepted_with_the_sign_up_or_nothing_is_made(store: &Store) {
    let world = World::new(store).await;
    invite(&world, "bob@example.com", "bobs", Role::Member).await;
    invite(&world, "eve@example.com", "eves", Role::Admin).await;
    for (token, at) in [
        ("nobodys", START),
        ("eves", START),
        ("bobs", START.plus_millis(100)),
    ] {
        let refused = sign_up_with(store, token, at).await;
        assert!(matches!(refused, SignedUp::NotInvited(_)), "{refused:?}");
        let bob = store.account_by_email("bob@example.com").await.unwrap();
        assert_eq!(bob, None, "{token}");
    }
    let made = sign_up_with(store, "bobs", START).await;
    let SignedUp::Done(bob) = made else {
        panic!("{made:?}");
    };
    let places = store.workspaces_of(bob.id).await.unwrap();
    assert_eq!(places.len(), 1);
    assert_eq!(places[0].role, Role::Member);
    let eve = Identity {
        issuer: "https://id.example.com".to_owned(),
        subject: "eve".to_owned(),
        email: Some("eve@example.com".to_owned()),
        is_email_verified: true,
        name: "Eve".to_owned(),
        may_sign_up: false,
    };
    let found = store
        .account_of_identity(eve, Actor::system(), START)
        .await
        .unwrap();
    assert!(
        matches!(found, IdentityFound::Account(_)),
        "who is invited may come by the provider: {found:?}"
    );
}

pub(crate) async fn a_deleted_account_leaves_its_jobs_and_nothing_that_signs_in(store: &Store) {
    let world = World::new(store).await;
    invite(&world, "bob@example.com", "bobs", Role::Member).await;
    let SignedUp::Done(bob) = sign_up_with(store, "bobs", START).await else {
        panic!("Bob is a member");
    };
    browser(store, bob.id, "cookie").await;
    let tokens = hashes("bob", START);
    let registered = store
        .register_runner(new_runner(bob.id, "bobs-box", 9), tokens.clone(), START)
        .await
        .unwrap();
    assert!(matches!(registered, Registered::Done(_)));
    let job = new_job(world.workspace, bob.id, "stays", false);
    let job = store.create_job(job, Actor::system(), START).await.unwrap();
    let deleted = store
        .delete_account(bob.id, Actor::system(), START)
        .await
        .unwrap();
    let AccountDeleted::Done { workspaces, .. } = deleted else {
        panic!("{deleted:?}");
    };
    assert_eq!(workspaces, [world.workspace]);
    assert_eq!(store.session("cookie", START).await.unwrap(), None);
    let bearer = store.bearer(&tokens.access, START).await.unwrap();
    assert!(bearer.is_none_or(|bearer| bearer.runner_removed));
    assert!(store.runner_ids_of(bob.id).await.unwrap().is_empty());
    let gone = store.account_by_email("bob@example.com").await.unwrap();
    assert_eq!(gone, None, "the address is free");
    let kept = store.job(job.id).await.unwrap().unwrap();
    assert_eq!(kept.created_by.name, "Deleted account");
    let key = WorkspaceKey::Id(world.workspace);
    assert_eq!(store.member(&key, bob.id).await.unwrap(), None);
    assert_eq!(
        store
            .delete_account(bob.id, Actor::system(), START)
            .await
            .unwrap(),
        AccountDeleted::Unknown
    );
    make(store, self::bob()).await;
}

pub(crate) async fn an_account_that_owns_what_others_use_stays(store: &Store) {
    let world = World::new(store).await;
    invite(&world, "bob@example.com", "bobs", Role::Admin).await;
    let SignedUp::Done(bob) = sign_up_with(store, "bobs", START).await else {
        panic!("Bob is a member");
    };
    let delete = |id| store.delete_account(id, Actor::system(), START);
    let refused = delete(world.owner).await.unwrap();
    let AccountDeleted::OwnsWorkspaces(owned) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(owned.len(), 1);
    assert_eq!(owned[0].slug, "lab");
    delete(bob.id).await.unwrap();
    let done = delete(world.owner).await.unwrap();
    assert!(matches!(done, AccountDeleted::Done { .. }), "{done:?}");
}

pub(crate) async fn a_sign_in_comes_back_from_the_provider_once(store: &Store) {
    let new = |browser: &str| ProviderSignIn {
        browser_hash: browser.to_owned(),
        state: "state".to_owned(),
        nonce: "nonce".to_owned(),
        pkce_verifier: "verifier".to_owned(),
        next: "/w/lab".to_owned(),
        expires_at: START.plus_millis(100),
    };
    for browser in ["one", "two", "three"] {
        store
            .begin_provider_sign_in(new(browser), START)
            .await
            .unwrap();
    }
    let back = |browser: &str, at| store.end_provider_sign_in(browser.to_owned(), at);
    assert_eq!(back("one", START).await.unwrap(), Some(new("one")));
    assert_eq!(back("one", START).await.unwrap(), None);
    let ended = START.plus_millis(100);
    assert_eq!(back("two", ended).await.unwrap(), None, "it came too late");
    assert_eq!(store.sweep_provider_sign_ins(ended).await.unwrap(), 1);
}
