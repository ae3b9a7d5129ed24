//! The journal on a real file, closed and opened again.

use protocol::{
    agent::AgentName,
    api::PersonRef,
    ids::{AccountId, AttemptId, JobId, OrderId, RunnerId, WorkspaceId},
    job::{JobContext, OutcomeKind, Phase},
    runner::{Assignment, Order, OrderKind, Pause, StopReason},
    time::Timestamp,
};
use uuid::Uuid;

use super::*;

fn id(n: u128) -> AttemptId {
    AttemptId(Uuid::from_u128(n))
}

fn assignment(n: u128) -> Assignment {
    Assignment {
        attempt_id: id(n),
        fence: 3,
        job_id: JobId(Uuid::from_u128(100 + n)),
        workspace_id: WorkspaceId(Uuid::from_u128(1)),
        workspace: "Team".to_owned(),
        job_number: 7,
        attempt_number: 1,
        title: "Say hello".to_owned(),
        instructions: "say \"hello\"\n".to_owned(),
        context: JobContext::Local,
        agent: Some(AgentName::new("demo")),
        inputs: Vec::new(),
        url: "http://localhost/jobs/7".to_owned(),
        submitter: None,
        shared: false,
        model: None,
        extra_arguments: Vec::new(),
        house_rules: None,
        earlier: Vec::new(),
    }
}

fn order(n: u128, attempt: AttemptId) -> Order {
    Order {
        id: OrderId(Uuid::from_u128(n)),
        attempt_id: attempt,
        order: OrderKind::Cancel {
            deadline_ms: 1000,
            by: "Ada".to_owned(),
        },
    }
}

fn ended(n: u128, at: i64) -> EndedAttempt {
    let of = assignment(n);
    EndedAttempt {
        attempt_id: of.attempt_id,
        job_id: of.job_id,
        job_number: of.job_number,
        attempt_number: of.attempt_number,
        title: of.title,
        workspace: of.workspace,
        agent: of.agent,
        outcome: OutcomeKind::Succeeded,
        summary: Some("hello".to_owned()),
        usage: None,
        started_at: Timestamp(1),
        ended_at: Timestamp(at),
        folder: None,
        url: of.url,
    }
}

struct Place {
    folder: tempfile::TempDir,
    journal: Journal,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).await.unwrap();
        Self { folder, journal }
    }

    async fn again(self) -> Self {
        self.journal.close().await;
        let journal = Journal::open(self.folder.path()).await.unwrap();
        Self { journal, ..self }
    }
}

#[tokio::test]
async fn an_installation_keeps_its_id_and_counts_its_starts() {
    let place = Place::new().await;
    let first = place.journal.installation().await.unwrap();
    assert_eq!(first.boot_number, 0);
    assert_eq!(place.journal.begin_boot().await.unwrap(), 1);
    let registration = Registration {
        server: "http://localhost".to_owned(),
        runner_id: RunnerId(Uuid::from_u128(9)),
        short_id: "ab12cd".to_owned(),
        name: "desk".to_owned(),
        account: PersonRef {
            id: AccountId(Uuid::from_u128(8)),
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
        },
    };
    let pause = Pause {
        since: Timestamp(5),
        until: None,
        note: Some("lunch".to_owned()),
        by: Some("Ada".to_owned()),
    };
    place
        .journal
        .set_registration(Some(&registration))
        .await
        .unwrap();
    place.journal.set_pause(Some(&pause)).await.unwrap();

    let place = place.again().await;
    assert_eq!(place.journal.begin_boot().await.unwrap(), 2);
    let now = place.journal.installation().await.unwrap();
    assert_eq!(now.id, first.id);
    assert_eq!(now.registration, Some(registration));
    assert_eq!(now.pause.as_ref(), Some(&pause));
    place.journal.set_registration(None).await.unwrap();
    place
        .journal
        .grant_pause_wish(Some(&pause), 7)
        .await
        .unwrap();
    let wished = place.journal.installation().await.unwrap();
    assert_eq!(wished.pause_revision, 7);

    place.journal.set_pause(None).await.unwrap();
    let now = place.journal.installation().await.unwrap();
    assert_eq!((now.registration, now.pause), (None, None));
}

#[tokio::test]
async fn a_held_attempt_is_there_after_a_restart_with_everything_but_its_lease() {
    let place = Place::new().await;
    let journal = &place.journal;
    assert!(journal.accept(&assignment(1), Timestamp(10)).await.unwrap());
    assert!(!journal.accept(&assignment(1), Timestamp(11)).await.unwrap());
    assert!(journal.accept(&assignment(2), Timestamp(9)).await.unwrap());
    let worker = Worker {
        pid: 4_000_000,
        started: u64::MAX,
        socket: "/run/w-1.sock".to_owned(),
    };
    let demo = AgentName::new("demo");
    journal.set_phase(id(1), Phase::Preparing).await.unwrap();
    journal.set_running(id(1), "/work/7", &demo).await.unwrap();
    journal.set_worker(id(1), Some(&worker)).await.unwrap();
    journal
        .set_stopped(id(2), StopReason::FenceMovedOn)
        .await
        .unwrap();
    journal.set_manifest_done(id(1)).await.unwrap();

    let place = place.again().await;
    let held = place.journal.held_attempts().await.unwrap();
    assert_eq!(held.len(), 2);
    assert_eq!(held[0].assignment, assignment(2));
    assert_eq!(held[0].held.stopped, Some(StopReason::FenceMovedOn));
    let one = &held[1];
    assert_eq!(one.assignment, assignment(1));
    assert_eq!(one.accepted_at, Timestamp(10));
    assert_eq!((one.held.fence, one.held.phase), (3, Phase::Running));
    assert_eq!(one.held.lease_ends_ms, None);
    assert_eq!(one.worker.as_ref(), Some(&worker));
    assert_eq!(one.agent.as_ref(), Some(&demo));
    assert_eq!(one.folder.as_deref(), Some("/work/7"));
    assert!(one.manifest_done && !held[0].manifest_done);

    place.journal.set_worker(id(1), None).await.unwrap();
    let one = place.journal.held_attempt(id(1)).await.unwrap().unwrap();
    assert_eq!(one.worker, None);
    place.journal.forget(id(1)).await.unwrap();
    assert_eq!(place.journal.held_attempt(id(1)).await.unwrap(), None);
}

#[tokio::test]
async fn an_acknowledgement_never_goes_back() {
    let place = Place::new().await;
    place
        .journal
        .accept(&assignment(1), Timestamp(1))
        .await
        .unwrap();
    for (events, log) in [(5, 2), (3, 9), (1, 1)] {
        let acked = Positions { events, log };
        place.journal.set_acked(id(1), acked).await.unwrap();
    }
    let held = place.journal.held_attempt(id(1)).await.unwrap().unwrap();
    assert_eq!(held.acked, Positions { events: 5, log: 9 });
}

#[tokio::test]
async fn a_step_of_an_attempt_that_is_not_held_is_an_error() {
    let journal = Place::new().await.journal;
    let acked = Positions::default();
    for result in [
        journal.set_phase(id(1), Phase::Running).await,
        journal.set_acked(id(1), acked).await,
        journal.set_worker(id(1), None).await,
        journal
            .set_running(id(1), "/x", &AgentName::new("demo"))
            .await,
        journal.set_stopped(id(1), StopReason::Unknown).await,
        journal.set_manifest_done(id(1)).await,
    ] {
        assert!(matches!(result, Err(Error::NotHeld(found)) if found == id(1)));
    }
}

#[tokio::test]
async fn orders_are_kept_once_and_go_with_their_attempt() {
    let place = Place::new().await;
    let journal = &place.journal;
    journal.accept(&assignment(1), Timestamp(1)).await.unwrap();
    assert!(journal.keep_order(&order(6, id(1))).await.unwrap());
    assert!(journal.keep_order(&order(5, id(1))).await.unwrap());
    assert!(!journal.keep_order(&order(6, id(1))).await.unwrap());
    assert!(!journal.keep_order(&order(7, id(2))).await.unwrap());
    journal.order_done(order(5, id(1)).id).await.unwrap();

    let place = place.again().await;
    let kept = place.journal.orders(id(1)).await.unwrap();
    let seen: Vec<_> = kept
        .iter()
        .map(|kept| (kept.order.clone(), kept.done))
        .collect();
    assert_eq!(seen, [(order(6, id(1)), false), (order(5, id(1)), true)]);
    assert_eq!(place.journal.orders_kept().await.unwrap().len(), 2);
    place.journal.end(&ended(1, 5)).await.unwrap();
    assert!(place.journal.orders_kept().await.unwrap().is_empty());
}

#[tokio::test]
async fn uploaded_parts_are_remembered_until_the_coordinator_misses_one() {
    let place = Place::new().await;
    let journal = &place.journal;
    journal.accept(&assignment(1), Timestamp(1)).await.unwrap();
    for part in ["b", "a", "b"] {
        journal.part_uploaded(id(1), part).await.unwrap();
    }
    assert_eq!(journal.uploaded_parts(id(1)).await.unwrap(), ["a", "b"]);
    journal.forget_parts(id(1)).await.unwrap();
    assert!(journal.uploaded_parts(id(1)).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_ended_attempt_moves_to_the_history_once() {
    let place = Place::new().await;
    let journal = &place.journal;
    journal.accept(&assignment(1), Timestamp(1)).await.unwrap();
    journal.end(&ended(1, 50)).await.unwrap();
    journal.end(&ended(1, 50)).await.unwrap();
    journal.end(&ended(2, 60)).await.unwrap();
    assert!(journal.held_attempts().await.unwrap().is_empty());
    let history = journal.ended_attempts(10).await.unwrap();
    assert_eq!(history, [ended(2, 60), ended(1, 50)]);
    assert_eq!(journal.ended_attempts(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_history_forgets_the_oldest() {
    let place = Place::new().await;
    let old = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1005) \
         INSERT INTO ended_attempt SELECT 'old' || i, i, '{}' FROM n";
    place.journal.run(old, ()).await.unwrap();
    place.journal.end(&ended(1, 5000)).await.unwrap();
    let words = "SELECT count(*), min(ended_at) FROM ended_attempt";
    let left = place
        .journal
        .rows(words, (), |row| Ok((row.get(0)?, row.get(1)?)));
    let left: Vec<(i64, i64)> = left.await.unwrap();
    assert_eq!(left, [(i64::from(ENDED_ATTEMPTS_MAX), 7)]);
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_refused_and_left_alone() {
    let place = Place::new().await;
    let newer = place.journal.with(|connection| {
        connection.pragma_update(None, "user_version", 99)?;
        Ok(())
    });
    newer.await.unwrap();
    place.journal.close().await;
    let error = Journal::open(place.folder.path()).await.unwrap_err();
    assert!(matches!(
        error,
        Error::TooNew {
            found: 99,
            known: 3,
            ..
        }
    ));
    assert!(error.to_string().contains("update"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_journal_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("journal.db"), [7_u8; 9000]).unwrap();
    let error = Journal::open(folder.path()).await.unwrap_err();
    assert!(error.to_string().contains("journal.db"), "{error}");
}

#[tokio::test]
async fn every_write_is_on_the_disk_when_it_returns() {
    let journal = Place::new().await.journal;
    let (durable, mode): (i64, String) = journal
        .with(|connection| {
            let durable = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
            let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            Ok((durable, mode))
        })
        .await
        .unwrap();
    assert_eq!((durable, mode.as_str()), (2, "wal"));
}

#[tokio::test]
async fn failures_in_a_row_are_kept_until_a_pause_ends() {
    let place = Place::new().await;
    let breaker = Breaker {
        failures: 2,
        counted: Some(id(1)),
    };
    place.journal.set_breaker(&breaker, None).await.unwrap();
    let place = place.again().await;
    let kept = place.journal.installation().await.unwrap();
    assert_eq!((kept.breaker, kept.pause), (breaker, None));
    let pause = Pause {
        since: Timestamp(5),
        until: None,
        note: Some("by itself".to_owned()),
        by: None,
    };
    let zero = Breaker {
        failures: 0,
        counted: Some(id(2)),
    };
    place
        .journal
        .set_breaker(&zero, Some(&pause))
        .await
        .unwrap();
    place.journal.set_breaker(&breaker, None).await.unwrap();
    let kept = place.journal.installation().await.unwrap();
    assert_eq!(kept.pause, Some(pause), "counting on ends no pause");
    place.journal.set_pause(None).await.unwrap();
    let kept = place.journal.installation().await.unwrap();
    assert_eq!((kept.breaker, kept.pause), (Breaker::default(), None));
}

#[tokio::test]
async fn a_directory_that_becomes_its_own_holds_nothing_of_the_other() {
    let place = Place::new().await;
    let before = place.journal.installation().await.unwrap();
    place.journal.set_place("here").await.unwrap();
    place
        .journal
        .accept(&assignment(1), Timestamp(1))
        .await
        .unwrap();
    place.journal.become_own("there").await.unwrap();
    let place = place.again().await;
    let own = place.journal.installation().await.unwrap();
    assert_ne!(own.id, before.id);
    assert_eq!(
        (own.place.as_deref(), own.registration),
        (Some("there"), None)
    );
    assert_eq!(place.journal.held_attempts().await.unwrap(), []);
}

#[tokio::test]
async fn room_that_is_not_used_any_more_can_be_given_back() {
    let journal = Place::new().await.journal;
    let vacuum = journal.with(|connection| {
        Ok(connection.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(vacuum.await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_write_at_once_and_a_closed_one_says_so() {
    let place = Place::new().await;
    let mut writes = tokio::task::JoinSet::new();
    for n in 1..=20 {
        let journal = place.journal.clone();
        writes.spawn(async move { journal.accept(&assignment(n), Timestamp(7)).await });
    }
    while let Some(written) = writes.join_next().await {
        assert!(written.unwrap().unwrap());
    }
    assert_eq!(place.journal.held_attempts().await.unwrap().len(), 20);
    place.journal.close().await;
    let late = place.journal.held_attempts().await;
    assert!(matches!(late, Err(Error::Closed)));
}
