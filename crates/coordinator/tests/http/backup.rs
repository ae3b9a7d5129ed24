//! Back-ups of a coordinator that works, and what comes of them.

use coordinator::{
    BackupError, BackupOptions, Clock as _, RestoreOptions, SystemClock, backup, restore,
};
use protocol::{job::OutcomeKind, record::LogKind};
use serde_json::Value;

use crate::{
    runner::FakeRunner,
    support::{Client, TestServer},
    syncer::submit,
};

fn to(out: &std::path::Path, server: &TestServer) -> BackupOptions {
    BackupOptions {
        data: server.data.path().to_owned(),
        database: None,
        out: out.to_owned(),
        now: SystemClock.now(),
    }
}

/// A coordinator with a job that is done and one that is under way.
async fn with_work() -> (TestServer, FakeRunner, Value) {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let job = submit(&owner, "kept").await;
    let mut runner = FakeRunner::register(&server, "box").await;
    runner.take().await;
    runner.say(LogKind::Text, "hello").await;
    runner.hand_back("out/made.txt", "made here").await;
    runner.end(OutcomeKind::Succeeded).await;
    submit(&owner, "goes on").await;
    runner.take().await;
    runner.say(LogKind::Text, "half").await;
    (server, runner, job)
}

async fn has_everything(owner: &Client, job: &Value) {
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let seen = owner.get(&path).await.expect(200).json();
    assert_eq!(seen["state"], "done");
    let text = owner.get(&format!("{path}/attempts/1/log.txt")).await;
    assert_eq!(text.expect(200).text, "hello\n");
    let artifact = seen["artifacts"][0]["id"].as_str().unwrap();
    let content = format!("/api/v1/artifacts/{artifact}/content");
    assert_eq!(owner.get(&content).await.expect(200).text, "made here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_working_coordinator_is_restored_whole() {
    let (mut server, mut runner, job) = with_work().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("today");
    let made = backup(to(&out, &server)).await.unwrap();
    assert!(made.files > 0 && made.tables.iter().any(|table| table.rows > 0));
    // It worked on meanwhile, and is gone now.
    runner.say(LogKind::Text, "and half").await;
    server.stop().await;
    let again = backup(to(&out, &server)).await.unwrap_err();
    assert!(matches!(again, BackupError::NotEmpty(_)), "{again}");

    let data = tempfile::tempdir().unwrap();
    let options = RestoreOptions {
        from: out.clone(),
        data: data.path().join("coord"),
        database: None,
    };
    assert_eq!(restore(options.clone()).await.unwrap(), made);
    let twice = restore(options.clone()).await.unwrap_err();
    assert!(matches!(twice, BackupError::NotEmpty(_)), "{twice}");
    let moved = tempfile::tempdir().unwrap();
    std::fs::remove_dir(moved.path()).unwrap();
    std::fs::rename(&options.data, moved.path()).unwrap();
    let restored = TestServer::start_on(moved).await;
    has_everything(&restored.owner().await, &job).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_the_embedded_database_is_restored_into_postgresql() {
    let (server, _runner, job) = with_work().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("today");
    backup(to(&out, &server)).await.unwrap();
    let postgres = tokio::task::spawn_blocking(testkit::postgres::Postgres::start)
        .await
        .unwrap()
        .unwrap();
    let url = postgres.database().unwrap();
    let data = tempfile::tempdir().unwrap();
    let options = RestoreOptions {
        from: out,
        data: data.path().to_owned(),
        database: Some(url.clone()),
    };
    restore(options).await.unwrap();
    let mut restored = TestServer::start_beside(&url, &data.path().join("objects")).await;
    has_everything(&restored.owner().await, &job).await;
    restored.stop().await;
}

#[tokio::test]
async fn a_damaged_backup_restores_nothing() {
    let (server, _runner, _job) = with_work().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("today");
    backup(to(&out, &server)).await.unwrap();
    let options = RestoreOptions {
        from: out.clone(),
        data: folder.path().join("coord"),
        database: None,
    };
    let list = std::fs::read_to_string(out.join("objects.list")).unwrap();
    let object = list.lines().next().unwrap().splitn(3, ' ').last().unwrap();
    for path in [
        out.join("tables/jobs.ndjson.zst"),
        out.join("objects").join(object),
        out.join("objects.list"),
    ] {
        let whole = std::fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        let refused = restore(options.clone()).await.unwrap_err();
        assert!(
            matches!(refused, BackupError::Damaged(_)),
            "{path:?}: {refused}"
        );
        assert!(!options.data.join("objects").exists());
        std::fs::write(&path, whole).unwrap();
    }
    std::fs::rename(out.join("manifest.json"), out.join("elsewhere")).unwrap();
    let refused = restore(options.clone()).await.unwrap_err();
    assert!(matches!(refused, BackupError::NoBackup(_)), "{refused}");
    std::fs::rename(out.join("elsewhere"), out.join("manifest.json")).unwrap();
    restore(options).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_in_one_file_is_restored_whole_and_a_damaged_one_not_at_all() {
    let (mut server, _runner, job) = with_work().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("today.tar.zst");
    let made = backup(to(&out, &server)).await.unwrap();
    let again = backup(to(&out, &server)).await.unwrap_err();
    assert!(matches!(again, BackupError::Exists(_)), "{again}");
    server.stop().await;
    let data = tempfile::tempdir_in(folder.path()).unwrap();
    let options = RestoreOptions {
        from: out.clone(),
        data: data.path().to_owned(),
        database: None,
    };
    let whole = std::fs::read(&out).unwrap();
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for damaged in [
        &changed[..],
        &whole[..whole.len() - 1],
        &whole[..middle],
        &[],
    ] {
        std::fs::write(&out, damaged).unwrap();
        let refused = restore(options.clone()).await.unwrap_err();
        assert!(matches!(refused, BackupError::Damaged(_)), "{refused}");
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
    }
    std::fs::write(&out, whole).unwrap();
    assert_eq!(restore(options).await.unwrap(), made);
    let beside = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 2, "the back-up and the data directory alone");
    let restored = TestServer::start_on(data).await;
    has_everything(&restored.owner().await, &job).await;
}
