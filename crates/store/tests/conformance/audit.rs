//! The audit log: pages, filters, and whose it is.

use protocol::{
    api::{PersonRef, Surface},
    ids::{AccountId, WorkspaceId},
};
use store::{Actor, Audit, AuditFilter, AuditLog, Store, Subject};
use uuid::Uuid;

use super::world::{START, World};

fn filter() -> AuditFilter {
    AuditFilter {
        limit: 10,
        ..AuditFilter::default()
    }
}

fn ada_of(world: &World<'_>) -> Actor {
    Actor {
        person: Some(PersonRef {
            id: world.owner,
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
        }),
        surface: Surface::CommandLine,
        address: Some("192.0.2.7".to_owned()),
    }
}

/// Three lines of the workspace, one of another, one of the account.
async fn write_lines(store: &Store, world: &World<'_>, ada: &Actor) {
    let subject = || Subject::new("runner", 7, "box");
    let here = |actor: &Actor, action| {
        Audit::in_workspace(world.workspace, actor.clone(), action, subject())
    };
    let system = Actor::system();
    let elsewhere = WorkspaceId(Uuid::from_u128(9));
    for line in [
        here(ada, "runner.shared").detail("sharing", "shared"),
        here(ada, "runner_place.cleared"),
        here(&system, "runner.removed"),
        Audit::in_workspace(elsewhere, ada.clone(), "runner.shared", subject()),
        Audit::of_account(world.owner, ada.clone(), "account.renamed", subject()),
    ] {
        store.audit(line, START).await.unwrap();
    }
}

pub(crate) async fn the_audit_log_is_filtered_paged_and_kept_apart(store: &Store) {
    let world = World::new(store).await;
    let ada = ada_of(&world);
    write_lines(store, &world, &ada).await;
    let log = AuditLog::Workspace(world.workspace);
    let actions = |filter| async move {
        let page = store.audit_page(log, filter).await.unwrap();
        let actions: Vec<_> = page
            .entries
            .iter()
            .map(|line| line.action.clone())
            .collect();
        (actions, page)
    };
    let (all, page) = actions(filter()).await;
    assert_eq!(
        all,
        ["runner.removed", "runner_place.cleared", "runner.shared"]
    );
    let shared = &page.entries[2];
    assert_eq!(shared.actor, ada.person);
    assert_eq!(shared.surface, Surface::CommandLine);
    assert_eq!(shared.address.as_deref(), Some("192.0.2.7"));
    assert_eq!(
        (shared.subject_id.as_str(), shared.subject.as_str()),
        ("7", "box")
    );
    assert_eq!(shared.details[0].value, "shared");
    assert_eq!(page.entries[0].actor, None);

    let of = |word: &str| AuditFilter {
        action: Some(word.to_owned()),
        ..filter()
    };
    assert_eq!(
        actions(of("runner")).await.0,
        ["runner.removed", "runner.shared"]
    );
    assert_eq!(actions(of("runner.shared")).await.0, ["runner.shared"]);
    let by = |id| AuditFilter {
        actor: Some(id),
        ..filter()
    };
    assert_eq!(actions(by(world.owner)).await.0.len(), 2);
    assert_eq!(actions(by(AccountId(Uuid::nil()))).await.0.len(), 0);

    let first = AuditFilter {
        limit: 2,
        ..filter()
    };
    let (_, page) = actions(first.clone()).await;
    let before = page.next;
    assert_eq!(before, Some(page.entries[1].id));
    let (rest, page) = actions(AuditFilter { before, ..first }).await;
    assert_eq!((rest, page.next), (vec!["runner.shared".to_owned()], None));

    let own = AuditLog::Account(world.owner);
    let own = store.audit_page(own, filter()).await.unwrap();
    assert_eq!(own.entries.len(), 1);
    assert_eq!(own.entries[0].action, "account.renamed");
}
