//! The audit log: pages, filters, and whose it is.

use protocol::{
    api::{AuditEntry, PersonRef, Surface, TeamRole},
    ids::{AccountId, WorkspaceId},
    job::Priority,
};
use store::{Actor, Audit, AuditFilter, AuditLog, JobChange, Moved, Store, Subject};
use uuid::Uuid;

use super::world::{START, World, ada, new_job};

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

/// The workspace's log, oldest first.
async fn log_of(store: &Store, world: &World<'_>) -> Vec<AuditEntry> {
    let log = AuditLog::Workspace(world.workspace);
    let page = store.audit_page(log, filter()).await.unwrap();
    page.entries.into_iter().rev().collect()
}

pub(crate) async fn what_people_do_with_a_job_is_in_the_log(store: &Store) {
    let world = World::new(store).await;
    let new = new_job(world.workspace, world.owner, "Fix the login", false);
    let job = store.create_job(new, ada(), START).await.unwrap();
    let change = JobChange {
        title: Some("Mend the login".to_owned()),
        priority: Some(Priority::High),
        ..JobChange::default()
    };
    let change = || store.update_job(job.id, change.clone(), ada(), START);
    change().await.unwrap();
    // Nothing is different the second time, and nothing is said.
    change().await.unwrap();
    let ready = || store.make_job_ready(job.id, ada(), START);
    assert!(matches!(ready().await.unwrap(), Some(Moved::Done(_))));
    assert!(matches!(ready().await.unwrap(), Some(Moved::Done(_))));
    store.set_job_aside(job.id, ada(), START).await.unwrap();
    store.request_cancel(job.id, ada(), START).await.unwrap();
    // It is over, so nothing happens any more.
    store.request_cancel(job.id, ada(), START).await.unwrap();
    store.make_job_ready(job.id, ada(), START).await.unwrap();

    let lines = log_of(store, &world).await;
    let actions: Vec<_> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "job.submitted",
            "job.changed",
            "job.made_ready",
            "job.set_aside",
            "job.cancelled"
        ]
    );
    let changed = &lines[1];
    assert_eq!(changed.actor, ada().person);
    assert_eq!(changed.surface, Surface::Web);
    assert_eq!(changed.subject, "#1 Mend the login");
    assert_eq!(changed.subject_id, job.id.to_string());
    let details: Vec<_> = changed
        .details
        .iter()
        .map(|detail| (detail.name.as_str(), detail.value.as_str()))
        .collect();
    assert_eq!(
        details,
        [
            ("title_before", "Fix the login"),
            ("priority", "normal → high")
        ]
    );
}

pub(crate) async fn changes_of_a_jobs_team_are_in_the_log(store: &Store) {
    let world = World::new(store).await;
    let job = world.ready_job("Fix the login", START).await;
    let grace = world.joined_by("grace").await.owner;
    let put = |role| store.put_into_team(job.id, grace, role, ada(), START);
    put(TeamRole::Viewer).await.unwrap();
    put(TeamRole::Viewer).await.unwrap();
    put(TeamRole::Editor).await.unwrap();
    let take_out = || store.take_out_of_team(job.id, grace, ada(), START);
    take_out().await.unwrap();
    take_out().await.unwrap();

    let lines = log_of(store, &world).await;
    let said: Vec<_> = lines
        .iter()
        .filter(|line| line.action.starts_with("job.team"))
        .map(|line| {
            let values: Vec<_> = line.details.iter().map(|d| d.value.as_str()).collect();
            (line.action.as_str(), values.join(" "))
        })
        .collect();
    assert_eq!(
        said,
        [
            ("job.team_changed", "grace@example.com viewer".to_owned()),
            ("job.team_changed", "grace@example.com editor".to_owned()),
            ("job.team_left", "grace@example.com".to_owned()),
        ]
    );
}
