//! The object store and the rows that name its objects, compared.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::{
    retention::done,
    support::{Client, TestServer, soon},
};

const DAY: Duration = Duration::from_hours(24);

/// As if it had been written long ago.
fn age(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - 2 * DAY).unwrap();
}

/// The only entry of a folder.
fn only(folder: &Path) -> PathBuf {
    let mut entries = fs::read_dir(folder).unwrap();
    let entry = entries.next().unwrap().unwrap().path();
    assert!(
        entries.next().is_none(),
        "{folder:?} has more than one entry"
    );
    entry
}

async fn restarted(mut server: TestServer) -> TestServer {
    server.stop().await;
    let TestServer { data, .. } = server;
    TestServer::start_on(data).await
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    soon(what, async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// A coordinator that has stopped, with a job that is done; the folder of its objects, and one of its parts.
async fn with_a_part() -> (TestServer, PathBuf, PathBuf) {
    let mut server = TestServer::start().await;
    let owner = server.owner().await;
    done(&server, &owner, "kept").await;
    server.stop().await;
    let objects = server.data.path().join("objects");
    let part = only(&only(&objects.join("artifacts")));
    (server, objects, part)
}

#[tokio::test]
async fn what_no_row_names_is_put_aside_and_deleted_a_week_later() {
    let (server, objects, part) = with_a_part().await;
    let attachment = only(&only(&objects.join("attachments")));
    let stray = part.with_file_name("0".repeat(64));
    let fresh = part.with_file_name("1".repeat(64));
    let nobodys = objects.join("logs/00000000-0000-7000-8000-000000000001/1-2.zst");
    fs::create_dir_all(nobodys.parent().unwrap()).unwrap();
    for path in [&stray, &fresh, &nobodys] {
        fs::write(path, "uploaded, and never committed").unwrap();
    }
    for path in [&stray, &nobodys, &part, &attachment] {
        age(path);
    }
    let server = restarted(server).await;
    until("putting aside", || !stray.exists() && !nobodys.exists()).await;
    assert!(part.exists() && attachment.exists() && fresh.exists());
    let aside = only(&objects.join("aside"));
    let lies = |path: &Path| aside.join(path.strip_prefix(&objects).unwrap());
    assert!(lies(&stray).exists() && lies(&nobodys).exists());

    // A look that comes too early changes nothing; a week later they go.
    let since = SystemTime::now();
    let mut server = restarted(server).await;
    until_looked(&server.client(), since).await;
    assert!(lies(&stray).exists());
    let moment: u64 = aside
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let earlier = aside.with_file_name((moment - 8 * 24 * 3_600_000).to_string());
    server.stop().await;
    fs::rename(&aside, &earlier).unwrap();
    let server = restarted(server).await;
    until("their end", || !earlier.exists()).await;
    assert!(part.exists() && fresh.exists());
    drop(server);
}

/// Waits for a whole comparison that ended after `since`.
async fn until_looked(client: &Client, since: SystemTime) {
    const KEY: &str = "coord_reconciler_last_success_seconds{reconciler=\"objects\"} ";
    let since = since.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    soon("a comparison", async {
        loop {
            let text = client.get("/metrics").await.expect(200).text;
            let line = text.lines().find_map(|line| line.strip_prefix(KEY));
            let at: f64 = line.map_or(0.0, |at| at.parse().unwrap());
            if at >= since.as_secs_f64() {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_named_after_all_comes_back_and_what_is_missing_is_reported() {
    let (server, objects, part) = with_a_part().await;
    let aside = objects
        .join("aside/1")
        .join(part.strip_prefix(&objects).unwrap());
    fs::create_dir_all(aside.parent().unwrap()).unwrap();
    fs::rename(&part, &aside).unwrap();
    let mut server = restarted(server).await;
    until("its return", || part.exists()).await;
    assert!(!aside.exists());

    server.stop().await;
    fs::remove_file(&part).unwrap();
    let server = restarted(server).await;
    let client = server.client();
    soon("the report", async {
        while !client
            .get("/metrics")
            .await
            .expect(200)
            .text
            .contains("coord_reconciler_failing_rows{reconciler=\"objects\"} 1")
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // The row is still there: somebody may bring the file back.
    let owner = server.owner().await;
    let jobs = owner.get("/api/v1/workspaces/team/jobs").await;
    let jobs = jobs.expect(200).json();
    let job = &jobs["jobs"][0];
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let seen = owner.get(&path).await.expect(200).json();
    assert_eq!(seen["artifacts"].as_array().unwrap().len(), 1, "{seen}");
}
