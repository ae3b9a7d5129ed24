//! Attachments, artifacts, and the comparison of logs.

use protocol::{
    digest::sha256_hex,
    job::{JobState, OutcomeKind},
    runner::{ArtifactFile, ArtifactManifest},
};
use store::{Actor, AttachmentAdded, ManifestResult, NewAttachment, Part, SealedLog, Store};

use super::world::{START, World, ended, log_entry, new_job};

pub(crate) async fn attachments_are_added_in_backlog_only(store: &Store) {
    let world = World::new(store).await;
    let job = new_job(world.workspace, world.owner, "x", false);
    let job = store.create_job(job, Actor::system(), START).await.unwrap();
    let file = |size| NewAttachment {
        job_id: job.id,
        name: "notes.md".to_owned(),
        size,
        sha256: sha256_hex(b"notes"),
    };
    let added = store.add_attachment(file(5), START).await.unwrap().unwrap();
    assert!(matches!(added, AttachmentAdded::Added(_)));
    let replaced = store.add_attachment(file(6), START).await.unwrap().unwrap();
    assert!(matches!(&replaced, AttachmentAdded::Added(view) if view.size == 6));
    assert_eq!(store.attachments_of(job.id).await.unwrap().len(), 1);
    store
        .make_job_ready(job.id, Actor::system(), START)
        .await
        .unwrap();
    let late = store.add_attachment(file(7), START).await.unwrap().unwrap();
    assert_eq!(late, AttachmentAdded::WrongState(JobState::Ready));
    let machine = world.machine(1).await;
    world.claimed(&machine, job.id, START).await;
    let assignment = store
        .undelivered_assignments(machine.id, START)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (&*assignment.inputs[0].name, assignment.inputs[0].size),
        ("notes.md", 6)
    );
    assert_eq!(assignment.url, "/w/lab/jobs/1");
}

pub(crate) async fn a_manifest_needs_its_parts_its_sizes_and_its_fence(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let file = |path: &str, size, parts: &[&str]| ArtifactFile {
        path: path.to_owned(),
        size,
        sha256: sha256_hex(path.as_bytes()),
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
    };
    let send = |fence, files| {
        let manifest = ArtifactManifest { fence, files };
        store.store_manifest(machine.id, at.attempt_id, manifest, START)
    };
    let both = vec![file("a.txt", 7, &["p1", "p2"]), file("b.txt", 0, &[])];
    assert_eq!(
        send(1, both.clone()).await.unwrap(),
        ManifestResult::MissingParts(vec!["p1".to_owned(), "p2".to_owned()])
    );
    for (sha256, size) in [("p1", 3), ("p2", 4), ("p2", 4)] {
        let part = Part {
            sha256: sha256.to_owned(),
            size,
        };
        store.add_part(at.attempt_id, part, START).await.unwrap();
    }
    let wrong = send(1, vec![file("a.txt", 8, &["p1", "p2"])])
        .await
        .unwrap();
    assert_eq!(
        wrong,
        ManifestResult::SizeDiffers {
            path: "a.txt".to_owned()
        }
    );
    assert_eq!(
        send(2, both.clone()).await.unwrap(),
        ManifestResult::NotYours
    );
    assert_eq!(
        send(1, both.clone()).await.unwrap(),
        ManifestResult::Stored(at)
    );
    let kept = store.artifacts_of(at.job_id).await.unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(send(1, both).await.unwrap(), ManifestResult::Stored(at));
    assert_eq!(
        store.artifacts_of(at.job_id).await.unwrap(),
        kept,
        "the same once more"
    );
    let artifact = store.artifact(kept[0].id).await.unwrap().unwrap();
    let sizes: Vec<u64> = artifact.parts.iter().map(|part| part.size).collect();
    assert_eq!((artifact.at, sizes), (at, vec![3, 4]));
    let end = ended(1, OutcomeKind::Succeeded, 0);
    store
        .accept_outcome(machine.id, at.attempt_id, 1, end, START)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        send(1, Vec::new()).await.unwrap(),
        ManifestResult::FenceMovedOn
    );
    assert_eq!(store.artifacts_of(at.job_id).await.unwrap().len(), 2);
}

pub(crate) async fn logs_are_compared_once(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    assert!(store.unchecked_logs(None, 9).await.unwrap().rows.is_empty());
    let end = ended(1, OutcomeKind::Succeeded, 0);
    store
        .accept_outcome(machine.id, at.attempt_id, 1, end, START)
        .await
        .unwrap()
        .unwrap();
    let unchecked = store.unchecked_logs(None, 9).await.unwrap().rows;
    assert_eq!(
        (unchecked[0].attempt_id, unchecked[0].last),
        (at.attempt_id, 0)
    );
    store.log_checked(at.attempt_id, false).await.unwrap();
    assert!(store.unchecked_logs(None, 9).await.unwrap().rows.is_empty());
}

pub(crate) async fn rows_name_their_objects(store: &Store) {
    let world = World::new(store).await;
    let job = new_job(world.workspace, world.owner, "x", false);
    let job = store.create_job(job, Actor::system(), START).await.unwrap();
    assert!(
        store
            .jobs_with_attachments(None, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let file = NewAttachment {
        job_id: job.id,
        name: "notes.md".to_owned(),
        size: 5,
        sha256: sha256_hex(b"notes"),
    };
    store.add_attachment(file, START).await.unwrap().unwrap();
    let named = store.jobs_with_attachments(None, 9).await.unwrap();
    assert_eq!((named.rows, named.next), (vec![job.id], None));

    let mut attempts = Vec::new();
    for installation in [1, 2] {
        let mut machine = world.machine(installation).await;
        let at = world.held(&mut machine, START).await;
        attempts.push(at.attempt_id);
        assert!(store.sealed_pieces(at.attempt_id).await.unwrap().is_empty());
        if installation == 1 {
            let (sha256, size) = ("p1".to_owned(), 3);
            let part = Part { sha256, size };
            store.add_part(at.attempt_id, part, START).await.unwrap();
            continue;
        }
        let log = vec![log_entry(1)];
        store
            .append_log(machine.id, at.attempt_id, 1, log, START)
            .await
            .unwrap();
        let piece = SealedLog {
            first: 1,
            last: 1,
            sha256: sha256_hex(b""),
        };
        let sealed = store.log_sealed(at.attempt_id, piece.clone(), START);
        assert!(sealed.await.unwrap());
        assert_eq!(store.sealed_pieces(at.attempt_id).await.unwrap(), [piece]);
    }
    attempts.sort_unstable();
    let first = store.attempts_with_objects(None, 1).await.unwrap();
    assert_eq!(first.rows, attempts[..1]);
    let rest = store
        .attempts_with_objects(first.next.as_deref(), 9)
        .await
        .unwrap();
    assert_eq!(rest.rows, attempts[1..]);
}
