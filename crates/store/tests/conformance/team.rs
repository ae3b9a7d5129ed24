//! Members, invitations, the end of a membership, and the end of a workspace.

use protocol::{
    api::{InvitationState, Role},
    ids::AccountId,
    job::{JobState, OutcomeKind},
    time::Timestamp,
};
use store::{
    Actor, Audit, InvitationAccepted, InvitationCreated, InvitationRenewed, MembershipEnded,
    NewAccount, NewInvitation, NewWorkspace, RoleChanged, SignedUp, Store, Subject, Transferred,
    WorkspaceCreated, WorkspaceDeleted, WorkspaceKey,
};

use super::world::{START, World, listed};

const LIFE_MS: u64 = 1_000;

fn invitation(world: &World<'_>, token: &str) -> NewInvitation {
    NewInvitation {
        workspace_id: world.workspace,
        email: "bob@example.com".to_owned(),
        role: Role::Member,
        token_hash: token.to_owned(),
        invited_by: world.owner,
        expires_at: START.plus_millis(LIFE_MS),
        open_max: 10,
    }
}

fn line(world: &World<'_>) -> Audit {
    let subject = Subject::new("member", 1, "bob@example.com");
    Audit::in_workspace(world.workspace, Actor::system(), "member.tested", subject)
}

async fn invite(world: &World<'_>, token: &str, now: Timestamp) -> InvitationCreated {
    let new = NewInvitation {
        expires_at: now.plus_millis(LIFE_MS),
        ..invitation(world, token)
    };
    world
        .store
        .create_invitation(new, Actor::system(), now)
        .await
        .unwrap()
}

async fn account(store: &Store, email: &str) -> store::Account {
    let new = NewAccount {
        email: email.to_owned(),
        name: "Bob".to_owned(),
        password_hash: None,
        is_email_verified: false,
    };
    match store
        .sign_up(new, None, Actor::system(), START)
        .await
        .unwrap()
    {
        SignedUp::Done(account) => account,
        other => panic!("not made: {other:?}"),
    }
}

async fn accept(store: &Store, who: &store::Account, token: &str) -> InvitationAccepted {
    let (person, actor) = (who.person(), Actor::system());
    store
        .accept_invitation(token, person, actor, START)
        .await
        .unwrap()
}

/// Bob, as a member, seen as a world of his own.
async fn bob<'a>(world: &World<'a>) -> World<'a> {
    let bob = account(world.store, "bob@example.com").await;
    invite(world, "bob's", START).await;
    let accepted = accept(world.store, &bob, "bob's").await;
    assert!(
        matches!(&accepted, InvitationAccepted::Done(at) if at.role == Role::Member),
        "{accepted:?}"
    );
    World {
        store: world.store,
        owner: bob.id,
        workspace: world.workspace,
    }
}

async fn role(world: &World<'_>, id: AccountId) -> Option<Role> {
    let key = WorkspaceKey::Id(world.workspace);
    let member = world.store.member(&key, id).await.unwrap();
    member.map(|member| member.role)
}

pub(crate) async fn an_invitation_is_accepted_once_by_whom_it_is_for(store: &Store) {
    let world = World::new(store).await;
    let made = invite(&world, "first", START).await;
    let InvitationCreated::Done(view) = made else {
        panic!("not invited: {made:?}");
    };
    assert_eq!(view.state, InvitationState::Pending);
    let again = invite(&world, "x", START).await;
    assert_eq!(again, InvitationCreated::AlreadyInvited);
    let renewed = store
        .renew_invitation(
            world.workspace,
            view.id,
            "second".to_owned(),
            START.plus_millis(LIFE_MS),
            Actor::system(),
            START,
        )
        .await
        .unwrap();
    assert!(matches!(renewed, InvitationRenewed::Done(_)), "{renewed:?}");
    let bob = account(store, "bob@example.com").await;
    let eve = account(store, "eve@example.com").await;
    assert_eq!(
        accept(store, &bob, "first").await,
        InvitationAccepted::Unknown,
        "the link before is dead"
    );
    assert_eq!(
        accept(store, &eve, "second").await,
        InvitationAccepted::ForSomebodyElse("bob@example.com".to_owned())
    );
    let facts = store.invitation_facts("second", START).await.unwrap();
    assert!(facts.unwrap().account_exists);
    let (one, two) = tokio::join!(accept(store, &bob, "second"), accept(store, &bob, "second"));
    for accepted in [one, two] {
        assert!(
            matches!(accepted, InvitationAccepted::Done(_)),
            "{accepted:?}"
        );
    }
    assert_eq!(role(&world, bob.id).await, Some(Role::Member));
    assert_eq!(role(&world, eve.id).await, None);
    let again = invite(&world, "y", START).await;
    assert_eq!(again, InvitationCreated::AlreadyMember);
    assert_eq!(store.members(world.workspace).await.unwrap().len(), 2);
}

pub(crate) async fn an_invitation_ends_by_time_or_when_it_is_taken_back(store: &Store) {
    let world = World::new(store).await;
    let bob = account(store, "bob@example.com").await;
    invite(&world, "old", START).await;
    let late = START.plus_millis(LIFE_MS);
    let accepted = store
        .accept_invitation("old", bob.person(), Actor::system(), late)
        .await
        .unwrap();
    assert_eq!(accepted, InvitationAccepted::Over(InvitationState::Expired));
    // An expired one is in nobody's way.
    let InvitationCreated::Done(view) = invite(&world, "new", late).await else {
        panic!("not invited anew");
    };
    let revoke = || store.revoke_invitation(world.workspace, view.id, Actor::system(), late);
    assert!(matches!(
        revoke().await.unwrap(),
        InvitationRenewed::Done(_)
    ));
    assert_eq!(
        revoke().await.unwrap(),
        InvitationRenewed::Over(InvitationState::Revoked)
    );
    let accepted = store
        .accept_invitation("new", bob.person(), Actor::system(), late)
        .await
        .unwrap();
    assert_eq!(accepted, InvitationAccepted::Over(InvitationState::Revoked));
    assert_eq!(role(&world, bob.id).await, None);
    let elsewhere = protocol::ids::WorkspaceId(uuid::Uuid::nil());
    let foreign = store
        .revoke_invitation(elsewhere, view.id, Actor::system(), late)
        .await
        .unwrap();
    assert_eq!(foreign, InvitationRenewed::Unknown);
}

pub(crate) async fn a_workspace_always_has_one_owner(store: &Store) {
    let world = World::new(store).await;
    let bob = bob(&world).await;
    let change = |id, to| store.change_role(world.workspace, id, to, line(&world), START);
    assert_eq!(
        change(bob.owner, Role::Admin).await.unwrap(),
        RoleChanged::Done
    );
    assert_eq!(role(&world, bob.owner).await, Some(Role::Admin));
    assert_eq!(
        change(world.owner, Role::Viewer).await.unwrap(),
        RoleChanged::IsOwner
    );
    let leave = |id| store.end_membership(world.workspace, id, line(&world), None, START);
    assert_eq!(leave(world.owner).await.unwrap(), MembershipEnded::IsOwner);
    let give = |from, to| store.transfer_workspace(world.workspace, from, to, line(&world), START);
    assert_eq!(
        give(bob.owner, world.owner).await.unwrap(),
        Transferred::NotTheOwner
    );
    assert_eq!(
        give(world.owner, bob.owner).await.unwrap(),
        Transferred::Done
    );
    assert_eq!(role(&world, world.owner).await, Some(Role::Admin));
    assert_eq!(role(&world, bob.owner).await, Some(Role::Owner));
    let told = store.notifications(bob.owner, None, 10).await.unwrap();
    assert_eq!(told.unread, 2, "{told:?}");
    assert!(matches!(
        leave(world.owner).await.unwrap(),
        MembershipEnded::Done(_)
    ));
    assert_eq!(store.members(world.workspace).await.unwrap().len(), 1);
}

pub(crate) async fn runners_leave_with_their_owner_and_jobs_stay(store: &Store) {
    let world = World::new(store).await;
    let bob = bob(&world).await;
    let mut machine = bob.machine(1).await;
    let at = bob.held(&mut machine, START).await;
    assert_eq!(
        store.runners_in_view(world.workspace).await.unwrap().len(),
        1
    );
    let told = Some("You are no longer a member.".to_owned());
    let ended = store
        .end_membership(world.workspace, bob.owner, line(&world), told, START)
        .await
        .unwrap();
    assert_eq!(ended, MembershipEnded::Done(vec![at]));
    assert!(
        store
            .runners_in_view(world.workspace)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(world.job(at.job_id).await.state, JobState::Ready);
    let attempt = store.attempt(at.attempt_id).await.unwrap().unwrap();
    assert_eq!(attempt.outcome, Some(OutcomeKind::Cancelled));
    // Its runner hears that it is to stop, and cannot come back with it.
    let answer = bob
        .sync(&mut machine, &[listed(at.attempt_id, 1)], START)
        .await;
    assert_eq!((answer.stop.len(), answer.leases.len()), (1, 0));
    let told = store.notifications(bob.owner, None, 10).await.unwrap();
    assert_eq!(told.notifications.len(), 1);
    assert_eq!(told.notifications[0].workspace, None);
    let again = store
        .end_membership(world.workspace, bob.owner, line(&world), None, START)
        .await
        .unwrap();
    assert_eq!(again, MembershipEnded::NotAMember);
}

pub(crate) async fn a_deleted_workspace_is_gone_for_everybody_and_then_erased(store: &Store) {
    let world = World::new(store).await;
    let bob = bob(&world).await;
    let mut machine = bob.machine(1).await;
    let at = bob.held(&mut machine, START).await;
    let waiting = world.ready_job("waits", START).await;
    let delete = |who| store.delete_workspace(world.workspace, who, Actor::system(), START);
    assert_eq!(
        delete(bob.owner).await.unwrap(),
        WorkspaceDeleted::NotTheOwner
    );
    assert_eq!(
        delete(world.owner).await.unwrap(),
        WorkspaceDeleted::Done(vec![at])
    );
    assert_eq!(role(&world, world.owner).await, None);
    assert_eq!(world.job(waiting.id).await.state, JobState::Cancelled);
    let told = store.notifications(bob.owner, None, 10).await.unwrap();
    assert_eq!(told.unread, 1, "{told:?}");
    // Its name in addresses is free at once.
    let new = NewWorkspace {
        slug: "lab".to_owned(),
        name: "Another".to_owned(),
        owner: world.owner,
        owned_max: 1,
    };
    let made = store
        .create_workspace(new.clone(), Actor::system(), START)
        .await
        .unwrap();
    assert!(matches!(made, WorkspaceCreated::Done(_)), "{made:?}");
    let more = store
        .create_workspace(new, Actor::system(), START)
        .await
        .unwrap();
    assert_eq!(more, WorkspaceCreated::TooMany);

    let erasable = store.erasable_jobs(None, 10).await.unwrap().rows;
    assert_eq!(erasable.len(), 1, "the other one is still under way");
    let gone = async || store.erasable_workspaces(None, 10).await.unwrap().rows;
    assert!(gone().await.is_empty());
    assert!(!store.erase_workspace(world.workspace).await.unwrap());
    let late = START.plus_millis(10 * 60_000);
    assert_eq!(world.look_at_the_clock(late).await.len(), 1);
    for job in store.erasable_jobs(None, 10).await.unwrap().rows {
        store.erase_job(job.job_id).await.unwrap();
    }
    assert_eq!(gone().await, [world.workspace]);
    assert!(store.erase_workspace(world.workspace).await.unwrap());
    assert!(!store.erase_workspace(world.workspace).await.unwrap());
    assert_eq!(store.job(at.job_id).await.unwrap(), None);
    let key = WorkspaceKey::parse("lab");
    assert!(store.member(&key, world.owner).await.unwrap().is_some());
}
