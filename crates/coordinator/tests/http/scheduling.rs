//! How jobs come to runners, and what happens when syncs are lost, late or doubled.

use protocol::{
    ids::BootId,
    runner::{OrderKind, StopReason},
    version,
};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    support::{TestServer, soon},
    syncer::{
        LONG_MS, Syncer, answer_of, attempt_path, database, ended, parked, post_sync, read,
        state_of, submit,
    },
};

/// Lets every lease, and the time to confirm one, have ended long ago, with
/// coordinators up all the time.
async fn let_leases_end(server: &TestServer) {
    let mut database = database(server).await;
    for change in [
        "UPDATE coordinator_alive SET since = 0",
        "UPDATE attempts SET lease_ends_at = 1 WHERE stage = 'held'",
        "UPDATE attempts SET accept_by = 1 WHERE stage = 'assigned'",
    ] {
        sqlx::query(change).execute(&mut database).await.unwrap();
    }
}

#[tokio::test]
async fn a_job_comes_with_the_answer_to_a_parked_sync() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let syncer = Syncer::here(&server, "box").await;
    let waiting = parked(&server, &syncer, 2).await;
    let job = submit(&owner, "Now").await;
    let answer = read(&answer_of(waiting).await);
    let assignment = &answer.assignments[0];
    assert_eq!(json!(assignment.job_id), job["id"]);
    assert_eq!((assignment.fence, assignment.attempt_number), (1, 1));
    assert_eq!(assignment.url, format!("{}/w/team/jobs/1", server.url));
    assert_eq!(state_of(&owner, &job).await, "in_progress");
}

#[tokio::test]
async fn a_lost_answer_costs_nothing() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut syncer = Syncer::here(&server, "box").await;
    submit(&owner, "Once").await;
    let lost = syncer.sync(2, LONG_MS).await;
    assert_eq!(lost.assignments.len(), 1);
    // The runner never got it: the same sync once more, and then the next one.
    assert_eq!(syncer.sync(2, LONG_MS).await.assignments, lost.assignments);
    let again = syncer.sync(3, LONG_MS).await;
    assert_eq!(again.assignments, lost.assignments);
    syncer.holds(&lost.assignments[0]);
    for seq in [4, 5] {
        let confirmed = syncer.sync(seq, 0).await;
        assert_eq!(
            (confirmed.leases.len(), confirmed.assignments.len()),
            (1, 0)
        );
    }
}

#[tokio::test]
async fn a_newer_sync_lets_the_parked_one_go_and_an_older_one_changes_nothing() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let syncer = Syncer::here(&server, "box").await;
    let older = parked(&server, &syncer, 5).await;
    let newer = parked(&server, &syncer, 6).await;
    answer_of(older).await.refused(409, "stale_sync");
    syncer.send(4, 0).await.refused(409, "stale_sync");
    submit(&owner, "For the newer").await;
    assert_eq!(read(&answer_of(newer).await).assignments.len(), 1);
}

#[tokio::test]
async fn another_start_takes_over() {
    let server = TestServer::start().await;
    let first = Syncer::here(&server, "box").await;
    let waiting = parked(&server, &first, 2).await;
    let second = Syncer {
        client: first.client.clone(),
        boot_id: BootId(Uuid::now_v7()),
        boot_number: 2,
        held: Vec::new(),
        orders_kept: Vec::new(),
    };
    second.sync(1, 0).await;
    answer_of(waiting).await.refused(409, "stale_sync");
    first.send(3, 0).await.refused(410, "runner_superseded");
}

#[tokio::test]
async fn what_a_runner_has_forgotten_goes_to_somebody_else_at_once() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut first = Syncer::here(&server, "first").await;
    let job = submit(&owner, "Forgotten").await;
    let forgotten = first.take(2).await;
    let other = Syncer::here(&server, "other").await;
    let waiting = parked(&server, &other, 2).await;
    // The next start of its service knows nothing, and is busy with something else.
    let amnesia = Syncer {
        client: first.client.clone(),
        boot_id: BootId(Uuid::now_v7()),
        boot_number: 2,
        held: Vec::new(),
        orders_kept: Vec::new(),
    };
    let mut busy = amnesia.request(1, 0);
    busy.slots.free = 0;
    read(&post_sync(&amnesia.client, &busy).await);
    let again = read(&answer_of(waiting).await).assignments.remove(0);
    assert_eq!((json!(again.job_id), again.fence), (job["id"].clone(), 2));
    assert_eq!(again.attempt_number, forgotten.attempt_number + 1);
}

#[tokio::test]
async fn two_runners_never_get_the_same_job() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut waiting = JoinSet::new();
    for n in 0..4 {
        let syncer = Syncer::here(&server, &format!("box{n}")).await;
        waiting.spawn(async move { syncer.sync(2, LONG_MS).await });
    }
    for n in 0..4 {
        submit(&owner, &format!("Job {n}")).await;
    }
    let mut given = Vec::new();
    while let Some(answer) = waiting.join_next().await {
        for assignment in answer.unwrap().assignments {
            given.push(assignment.job_number);
        }
    }
    given.sort_unstable();
    assert_eq!(given, [1, 2, 3, 4], "each job once, and each runner one");
}

#[tokio::test]
async fn what_nobody_confirms_goes_to_somebody_else() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut silent = Syncer::here(&server, "silent").await;
    let job = submit(&owner, "Twice").await;
    let first = silent.sync(2, LONG_MS).await.assignments.remove(0);
    let other = Syncer::here(&server, "other").await;
    let waiting = parked(&server, &other, 2).await;
    let_leases_end(&server).await;
    let second = read(&answer_of(waiting).await).assignments.remove(0);
    assert_eq!((json!(second.job_id), second.fence), (job["id"].clone(), 2));
    assert_eq!(second.attempt_number, 1, "nothing was done under the first");
    silent.holds(&first);
    let late = silent.sync(3, 0).await;
    assert_eq!(late.stop[0].reason, StopReason::FenceMovedOn);
}

#[tokio::test]
async fn under_an_old_fence_the_record_is_kept_and_the_outcome_refused() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut lost = Syncer::here(&server, "lost").await;
    let job = submit(&owner, "Moves on").await;
    let old = lost.take(2).await;
    let mut other = Syncer::here(&server, "other").await;
    let waiting = parked(&server, &other, 2).await;
    let_leases_end(&server).await;
    let new = read(&answer_of(waiting).await).assignments.remove(0);
    assert_eq!(
        (json!(new.job_id), new.fence, new.attempt_number),
        (job["id"].clone(), 2, 2)
    );
    other.holds(&new);
    other.sync(3, 0).await;

    let entry = json!({"n": 1, "at": 1, "kind": "text", "text": "late"});
    lost.upload(&old, "log", json!([entry])).await.expect(200);
    let event = json!({"n": 1, "at": 1, "event": {"type": "phase_changed", "phase": "packaging"}});
    let end = ended(2, "succeeded", 1);
    let refused = lost.upload(&old, "events", json!([event, end])).await;
    refused.refused(410, "fence_moved_on");
    let kept = lost
        .upload(&old, "events", json!([]))
        .await
        .expect(200)
        .json();
    assert_eq!(kept["kept"], 1, "what came before the end is kept");
    let manifest = json!({"fence": old.fence, "files": []});
    let path = attempt_path(old.attempt_id, "artifacts");
    lost.client
        .post(&path, manifest)
        .await
        .refused(410, "fence_moved_on");
    assert_eq!(
        lost.sync(4, 0).await.stop[0].reason,
        StopReason::FenceMovedOn
    );

    other
        .upload(&new, "events", json!([ended(1, "succeeded", 0)]))
        .await
        .expect(200);
    assert_eq!(state_of(&owner, &job).await, "done");
}

#[tokio::test]
async fn a_cancel_is_heard_at_once_and_repeated_until_it_took_effect() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut syncer = Syncer::here(&server, "box").await;
    let job = submit(&owner, "Long").await;
    let at = syncer.take(2).await;
    let waiting = parked(&server, &syncer, 4).await;
    let path = format!("/api/v1/jobs/{}/cancel", job["id"].as_str().unwrap());
    owner.post(&path, json!({})).await.expect(200);
    let heard = read(&answer_of(waiting).await).orders.remove(0);
    assert!(matches!(heard.order, OrderKind::Cancel { .. }), "{heard:?}");
    // Written down by the runner, it cuts no further sync short, but still comes along.
    assert_eq!(syncer.sync(5, LONG_MS).await.orders[0].id, heard.id);
    syncer.orders_kept = vec![heard.id];
    assert_eq!(syncer.sync(6, 1).await.orders[0].id, heard.id);
    syncer
        .upload(&at, "events", json!([ended(1, "cancelled", 0)]))
        .await
        .expect(200);
    assert!(syncer.sync(7, 0).await.orders.is_empty());
    assert_eq!(state_of(&owner, &job).await, "cancelled");
}

#[tokio::test]
async fn a_cancel_past_its_deadline_ends_without_the_runner() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut syncer = Syncer::here(&server, "box").await;
    let job = submit(&owner, "Stuck").await;
    let at = syncer.take(2).await;
    let path = format!("/api/v1/jobs/{}/cancel", job["id"].as_str().unwrap());
    owner.post(&path, json!({})).await.expect(200);
    server.clock.advance_s(61);
    soon("the deadline's effect", async {
        while state_of(&owner, &job).await != "cancelled" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let stopped = syncer.sync(4, 0).await;
    assert_eq!(stopped.stop[0].reason, StopReason::Cancelled);
    let late = syncer
        .upload(&at, "events", json!([ended(1, "cancelled", 0)]))
        .await;
    late.refused(410, "fence_moved_on");
}

#[tokio::test]
async fn a_runner_that_is_paused_or_speaks_another_version_gets_nothing() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let syncer = Syncer::here(&server, "box").await;
    submit(&owner, "Waits").await;
    let mut request = syncer.request(2, 1);
    request.draining = true;
    assert!(
        read(&post_sync(&syncer.client, &request).await)
            .assignments
            .is_empty()
    );
    request.seq = 3;
    request.protocol = version::CURRENT + 1;
    let refused = post_sync(&syncer.client, &request).await;
    refused.refused(400, "version_unsupported");
    assert_eq!(syncer.sync(4, LONG_MS).await.assignments.len(), 1);
}

#[tokio::test]
async fn a_stopping_coordinator_lets_parked_syncs_go() {
    let mut server = TestServer::start().await;
    let syncer = Syncer::here(&server, "box").await;
    let waiting = parked(&server, &syncer, 2).await;
    let ((), answer) = tokio::join!(server.stop(), answer_of(waiting));
    assert!(read(&answer).assignments.is_empty());
}
