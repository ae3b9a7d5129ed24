//! What people do with runners: names, sharing, disabling, pauses, removal, and what they see.

use protocol::{runner::Pause, time::Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    runner::FakeRunner,
    support::{Answer, Client, TestServer, send},
    syncer::{Syncer, answer_of, database, parked, post_sync, read, submit},
};

const RUNNERS: &str = "/api/v1/workspaces/team/runners";
pub(crate) const BOB: &str = "bob@example.com";

/// Makes Bob a member of the workspace with this role, and signs him in with Ada's password.
pub(crate) async fn bob(server: &TestServer, role: &str) -> Client {
    let mut database = database(server).await;
    let account = uuid::Uuid::now_v7().to_string();
    sqlx::query(
        "INSERT INTO accounts (id, email, name, password_hash, created_at)
         SELECT $1, $2, 'Bob', password_hash, 0 FROM accounts LIMIT 1",
    )
    .bind(&account)
    .bind(BOB)
    .execute(&mut database)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO members (workspace_id, account_id, role, created_at)
         SELECT id, $1, $2, 0 FROM workspaces LIMIT 1",
    )
    .bind(&account)
    .bind(role)
    .execute(&mut database)
    .await
    .unwrap();
    let mut client = server.client();
    client
        .sign_in(BOB, crate::support::PASSWORD)
        .await
        .expect(200);
    client
}

async fn patch(client: &Client, path: &str, body: Value) -> Answer {
    send(client.request(Method::PATCH, path).json(&body)).await
}

async fn put(client: &Client, path: &str, body: Value) -> Answer {
    send(client.request(Method::PUT, path).json(&body)).await
}

async fn delete(client: &Client, path: &str) -> Answer {
    send(client.request(Method::DELETE, path)).await
}

/// The one runner there is.
async fn only(client: &Client) -> Value {
    let list = client.get(RUNNERS).await.expect(200).json();
    assert_eq!(list["runners"].as_array().unwrap().len(), 1, "{list}");
    list["runners"][0].clone()
}

fn id_of(runner: &Value) -> String {
    runner["id"].as_str().unwrap().to_owned()
}

/// What the reader may do with a runner.
fn allowed(runner: &Value) -> Vec<String> {
    let options = runner["options"].as_array().unwrap().iter();
    options
        .filter(|option| option["refused"].is_null())
        .map(|option| option["action"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn each_reader_is_offered_what_they_may_do() {
    let server = TestServer::start().await;
    let (owner, bob) = (server.owner().await, bob(&server, "member").await);
    let _syncer = Syncer::here(&server, "box").await;
    let own = only(&owner).await;
    assert_eq!(
        allowed(&own),
        ["rename", "share", "pause", "disable", "remove"]
    );
    let seen = only(&bob).await;
    assert!(allowed(&seen).is_empty(), "{seen}");
    for option in seen["options"].as_array().unwrap() {
        assert!(option["refused"].as_str().unwrap().len() > 5, "{option}");
    }
    let whole = bob.get(&format!("{RUNNERS}/{}", id_of(&seen))).await;
    assert_eq!(whole.expect(200).json()["options"], seen["options"]);
}

#[tokio::test]
async fn others_see_a_runner_and_change_nothing_of_it() {
    let server = TestServer::start().await;
    let (owner, bob) = (server.owner().await, bob(&server, "member").await);
    let _syncer = Syncer::here(&server, "box").await;
    let id = id_of(&only(&owner).await);
    let (here, machine) = (format!("{RUNNERS}/{id}"), format!("/api/v1/runners/{id}"));
    let tries = [
        patch(&bob, &machine, json!({"name": "mine"})).await,
        delete(&bob, &machine).await,
        bob.post(&format!("{machine}/pause"), json!({})).await,
        bob.post(&format!("{machine}/resume"), json!({})).await,
        put(
            &bob,
            &format!("{here}/sharing"),
            json!({"sharing": "shared"}),
        )
        .await,
        put(
            &bob,
            &format!("{here}/sharing"),
            json!({"sharing": "private"}),
        )
        .await,
        bob.post(&format!("{here}/disable"), json!({"reason": "x"}))
            .await,
        bob.post(&format!("{here}/enable"), json!({})).await,
    ];
    for refused in tries {
        refused.refused(403, "forbidden");
    }
    assert_eq!(only(&owner).await["name"], "box");
    let nobody = format!("/api/v1/runners/{}", uuid::Uuid::nil());
    delete(&bob, &nobody).await.refused(404, "not_found");
    let own = bob.get(&format!("{RUNNERS}?owner=me")).await.expect(200);
    assert_eq!(own.json()["runners"], json!([]));
    bob.get(&format!("{RUNNERS}?owner=ada"))
        .await
        .refused(400, "invalid");
}

#[tokio::test]
async fn a_rename_shows_at_once_and_reaches_the_runner() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let syncer = Syncer::here(&server, "box").await;
    let _other = Syncer::here(&server, "rack").await;
    let list = owner.get(RUNNERS).await.expect(200).json();
    let id = id_of(&list["runners"][0]);
    let waiting = parked(&server, &syncer, 2).await;
    let machine = format!("/api/v1/runners/{id}");
    patch(&owner, &machine, json!({"name": " desk "}))
        .await
        .expect(204);
    assert_eq!(read(&answer_of(waiting).await).settings.name, "desk");
    let list = owner.get(RUNNERS).await.expect(200).json();
    assert_eq!(
        list["runners"][0]["name"], "desk",
        "however soon it is asked for"
    );
    patch(&owner, &machine, json!({"name": "rack"}))
        .await
        .refused(409, "conflict");
    patch(&owner, &machine, json!({"name": "  "}))
        .await
        .refused(400, "invalid");
    let resolve = |name: &str| format!("{RUNNERS}/resolve?name={name}");
    let found = owner.get(&resolve("desk")).await.expect(200).json();
    assert_eq!(found["id"], id.as_str());
    let short = found["short_id"].as_str().unwrap();
    let by_id = owner.get(&resolve(short)).await.expect(200).json();
    assert_eq!(by_id["id"], id.as_str());
    owner.get(&resolve("box")).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_name_that_several_have_is_ambiguous() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let _bob = bob(&server, "member").await;
    let _mine = Syncer::here(&server, "box").await;
    let _other = Syncer::here(&server, "rack").await;
    let mut database = database(&server).await;
    sqlx::query("UPDATE runners SET name = 'box', account_id = (SELECT id FROM accounts WHERE email = $1) WHERE name = 'rack'")
        .bind(BOB).execute(&mut database).await.unwrap();
    let refused = owner.get(&format!("{RUNNERS}/resolve?name=box")).await;
    let hint = refused.refused(409, "ambiguous").json()["hint"].to_string();
    assert!(
        hint.matches(", ").count() == 1,
        "it names both short ids: {hint}"
    );
}

#[tokio::test]
async fn sharing_and_disabling_are_told_to_everybody_who_looks() {
    let server = TestServer::start().await;
    let (owner, bob) = (server.owner().await, bob(&server, "admin").await);
    let _syncer = Syncer::here(&server, "box").await;
    let here = format!("{RUNNERS}/{}", id_of(&only(&owner).await));
    let sharing = format!("{here}/sharing");
    put(&bob, &sharing, json!({"sharing": "shared"}))
        .await
        .refused(403, "forbidden");
    put(&owner, &sharing, json!({"sharing": "shared"}))
        .await
        .expect(204);
    assert_eq!(only(&bob).await["sharing"], "shared");
    assert_eq!(allowed(&only(&bob).await), ["unshare", "disable"]);
    put(&bob, &sharing, json!({"sharing": "private"}))
        .await
        .expect(204);
    let disable = format!("{here}/disable");
    bob.post(&disable, json!({"reason": "  "}))
        .await
        .refused(400, "invalid");
    bob.post(&disable, json!({"reason": "x".repeat(201)}))
        .await
        .refused(400, "invalid");
    bob.post(&disable, json!({"reason": "too hot"}))
        .await
        .expect(204);
    let disabled = only(&owner).await;
    assert_eq!(disabled["disabled"]["by"], "Bob");
    assert_eq!(disabled["disabled"]["reason"], "too hot");
    bob.post(&format!("{here}/enable"), json!({}))
        .await
        .expect(204);
    assert!(only(&owner).await["disabled"].is_null());
    let usage = owner.get(&format!("{here}/use")).await.expect(200).json();
    assert_eq!(usage["hours"].as_array().unwrap().len(), 7 * 24);
    let timeline = owner
        .get(&format!("{here}/timeline"))
        .await
        .expect(200)
        .json();
    let kinds: Vec<_> = timeline["moments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|moment| moment["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "enabled",
            "disabled",
            "unshared",
            "shared",
            "connected",
            "registered"
        ]
    );
}

#[tokio::test]
async fn a_pause_is_asked_for_and_shown_once_the_runner_says_so() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let syncer = Syncer::here(&server, "box").await;
    let machine = format!("/api/v1/runners/{}", id_of(&only(&owner).await));
    let waiting = parked(&server, &syncer, 2).await;
    let terms = json!({"for_ms": 60_000, "note": "cooling"});
    owner
        .post(&format!("{machine}/pause"), terms)
        .await
        .expect(204);
    let wish = read(&answer_of(waiting).await).settings.pause_wish.unwrap();
    let asked = wish.pause.clone().unwrap();
    assert_eq!(
        (asked.for_ms, asked.note.as_deref()),
        (Some(60_000), Some("cooling"))
    );
    let seen = only(&owner).await;
    assert!(
        seen["paused"].is_null() && seen["pause_wish"]["revision"] == 1,
        "{seen}"
    );
    assert!(allowed(&seen).contains(&"resume".to_owned()));
    // Told once at once; a runner that does not carry it out is not answered in a circle.
    let waiting = parked(&server, &syncer, 3).await;
    submit(&owner, "Meanwhile").await;
    assert_eq!(read(&answer_of(waiting).await).assignments.len(), 1);
    let mut done = syncer.request(4, 0);
    done.pause_revision = wish.revision;
    done.paused = Some(Pause {
        since: Timestamp(1),
        until: None,
        note: None,
        by: Some("Ada".to_owned()),
    });
    assert!(
        read(&post_sync(&syncer.client, &done).await)
            .settings
            .pause_wish
            .is_none()
    );
    let path = format!("{RUNNERS}/{}", machine.rsplit('/').next().unwrap());
    let seen = owner.get(&path).await.expect(200).json();
    assert!(
        seen["paused"].is_object() && seen["pause_wish"].is_null(),
        "{seen}"
    );
    owner
        .post(&format!("{machine}/pause"), json!({"for_ms": 0}))
        .await
        .refused(400, "invalid");
    owner
        .post(&format!("{machine}/resume"), json!({}))
        .await
        .expect(204);
    let wish = syncer.sync(5, 0).await.settings.pause_wish.unwrap();
    assert_eq!((wish.revision, wish.pause), (2, None));
}

#[tokio::test]
async fn a_removed_runner_is_told_so_and_can_come_back() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let syncer = Syncer::here(&server, "box").await;
    let id = id_of(&only(&owner).await);
    let waiting = parked(&server, &syncer, 2).await;
    let machine = format!("/api/v1/runners/{id}");
    delete(&owner, &machine).await.expect(204);
    answer_of(waiting).await.refused(410, "runner_removed");
    syncer.send(3, 0).await.refused(410, "runner_removed");
    delete(&owner, &machine).await.refused(404, "not_found");
    let list = owner.get(RUNNERS).await.expect(200).json();
    assert_eq!(list["runners"], json!([]));
    let own = owner
        .get("/api/v1/account/runners")
        .await
        .expect(200)
        .json();
    assert_eq!(own["runners"][0]["runner"]["id"], id.as_str());
    assert!(own["runners"][0]["removed_at"].is_number(), "{own}");
}

#[tokio::test]
async fn a_list_that_is_known_is_not_sent_again() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let _syncer = Syncer::here(&server, "box").await;
    let first = owner.get(RUNNERS).await.expect(200);
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let again = |tag: &str| {
        owner
            .request(Method::GET, RUNNERS)
            .header("if-none-match", tag)
    };
    let known = send(again(&tag)).await.expect(304);
    assert!(known.text.is_empty() && known.header("etag") == tag);
    let zipped = again("\"other\"")
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(zipped.headers()["content-encoding"], "gzip");
    let mut text = String::new();
    let bytes = zipped.bytes().await.unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text)
        .unwrap();
    assert_eq!(text, first.text);
}

#[tokio::test]
async fn a_history_is_of_the_workspace_that_asks() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut syncer = Syncer::here(&server, "box").await;
    let job = submit(&owner, "Past").await;
    syncer.take(2).await;
    let path = format!("{RUNNERS}/{}/history?limit=5", id_of(&only(&owner).await));
    let history = owner.get(&path).await.expect(200).json();
    assert_eq!(history["attempts"][0]["job_id"], job["id"]);
    assert_eq!(history["attempts"][0]["attempt_number"], 1);
    assert!(history["next"].is_null());
    let nobody = format!("{RUNNERS}/{}/history", uuid::Uuid::nil());
    owner.get(&nobody).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_machine_signs_in_with_a_setup_token_once() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let made = owner
        .post("/api/v1/account/setup-tokens", json!({}))
        .await
        .expect(201)
        .json();
    let page = format!(
        "/api/v1/account/setup-tokens/{}",
        made["id"].as_str().unwrap()
    );
    let before = owner.get(&page).await.expect(200).json();
    assert!(
        before["used_at"].is_null() && before["connected"] == false,
        "{before}"
    );
    let fields = [
        (
            "grant_type",
            "urn:coord:params:oauth:grant-type:setup-token",
        ),
        ("setup_token", made["token"].as_str().unwrap()),
        ("machine", "rack"),
        ("system", "Debian 12"),
    ];
    let tokens = server
        .client()
        .form("/api/oauth/token", &fields)
        .await
        .expect(200)
        .json();
    let twice = server
        .client()
        .form("/api/oauth/token", &fields)
        .await
        .expect(400)
        .json();
    assert_eq!(twice["error"], "invalid_grant");
    let mut runner = FakeRunner::register_with(&server, "rack", &tokens).await;
    let after = owner.get(&page).await.expect(200).json();
    assert_eq!(after["runner"]["name"], "rack");
    assert_eq!(after["connected"], false);
    runner.sync(0).await;
    assert_eq!(owner.get(&page).await.expect(200).json()["connected"], true);
    let late = owner
        .post("/api/v1/account/setup-tokens", json!({}))
        .await
        .expect(201)
        .json();
    server.clock.advance_s(60 * 60);
    let fields = [fields[0], ("setup_token", late["token"].as_str().unwrap())];
    let late = server
        .client()
        .form("/api/oauth/token", &fields)
        .await
        .expect(400)
        .json();
    assert_eq!(late["error"], "invalid_grant");
}

#[tokio::test]
async fn a_runner_that_falls_silent_is_shown_offline() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let _syncer = Syncer::here(&server, "box").await;
    assert_eq!(only(&owner).await["state"], "online");
    server.clock.advance_s(40);
    assert_eq!(only(&owner).await["state"], "offline");
}
