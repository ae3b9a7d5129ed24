//! Starting, stopping, and the first owner.

use std::{error::Error, net::TcpListener};

use coordinator::{BootstrapError, Options, ResetError, ResetOptions, Server, StartError};

use crate::support::{EMAIL, PASSWORD, TestServer, owner, soon};

fn options(data: &std::path::Path) -> Options {
    Options::new(data, ([127, 0, 0, 1], 0).into())
}

async fn start_error(options: Options) -> StartError {
    match Server::start(options).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}

/// An error with everything that it stems from.
fn whole(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", whole(source)),
        None => error.to_string(),
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_with_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = options(data.path());
    options.listen = taken.local_addr().unwrap();
    let error = whole(&start_error(options).await);
    assert!(error.contains("another program uses it"), "{error}");
    assert!(error.contains("--listen"), "{error}");
}

#[tokio::test]
async fn a_data_directory_has_one_coordinator() {
    let mut server = TestServer::start().await;
    let error = start_error(options(server.data.path())).await;
    assert!(matches!(error, StartError::Locked(_)), "{error}");
    server.stop().await;
    assert!(Server::start(options(server.data.path())).await.is_ok());
}

#[tokio::test]
async fn settings_and_addresses_that_are_wrong_are_named() {
    let data = tempfile::tempdir().unwrap();
    let mut wrong_database = options(data.path());
    wrong_database.database = Some("mysql://here".to_owned());
    assert!(matches!(
        start_error(wrong_database).await,
        StartError::DatabaseAddress
    ));
    let mut wrong_url = options(data.path());
    wrong_url.public_url = Some("coord.example.com".to_owned());
    assert!(matches!(
        start_error(wrong_url).await,
        StartError::PublicUrl(_)
    ));
    std::fs::write(
        data.path().join("coordinator.toml"),
        "[sign_in]\nnonsense = 1\n",
    )
    .unwrap();
    let error = whole(&start_error(options(data.path())).await);
    assert!(error.contains("coordinator.toml line 2"), "{error}");
}

#[tokio::test]
async fn there_is_one_first_owner() {
    let data = tempfile::tempdir().unwrap();
    let made = coordinator::bootstrap(owner(data.path())).await.unwrap();
    assert_eq!(made.account.email, EMAIL);
    assert_eq!(made.workspace.slug, "team");
    let mut second = owner(data.path());
    second.email = "eve@example.com".to_owned();
    assert!(matches!(
        coordinator::bootstrap(second).await,
        Err(BootstrapError::AlreadyBootstrapped)
    ));
    let server = TestServer::start_on(data).await;
    let mut browser = server.client();
    browser
        .sign_in("eve@example.com", PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    browser.sign_in(EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_bad_first_owner_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut short = owner(data.path());
    short.password = "short".to_owned();
    let error = coordinator::bootstrap(short).await.unwrap_err().to_string();
    assert!(error.contains("shorter than 10 characters"), "{error}");
    let mut nameless = owner(data.path());
    nameless.email = "ada".to_owned();
    assert!(matches!(
        coordinator::bootstrap(nameless).await,
        Err(BootstrapError::Email(_))
    ));
    let mut empty = owner(data.path());
    empty.workspace = " ".to_owned();
    assert!(matches!(
        coordinator::bootstrap(empty).await,
        Err(BootstrapError::WorkspaceName)
    ));
    coordinator::bootstrap(owner(data.path())).await.unwrap();
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let mut server = TestServer::start().await;
    let owner = server.owner().await;
    let new = serde_json::json!({"title": "Stays", "instructions": "say hello"});
    owner
        .post("/api/v1/workspaces/team/jobs", new)
        .await
        .expect(201);
    soon("the stop", server.stop()).await;
    let data = std::mem::replace(&mut server.data, tempfile::tempdir().unwrap());
    let again = TestServer::start_on(data).await;
    let jobs = again
        .owner()
        .await
        .get("/api/v1/workspaces/team/jobs")
        .await
        .expect(200)
        .json();
    assert_eq!(jobs["jobs"][0]["title"], "Stays");
}

#[tokio::test]
async fn who_has_the_servers_data_makes_a_link_for_a_new_password() {
    let server = TestServer::start().await;
    let options = |email| ResetOptions::new(server.data.path(), email, "https://coord.example.com");
    let unknown = coordinator::reset_link(options("eve@example.com")).await;
    assert!(matches!(unknown, Err(ResetError::NoSuchAccount(_))));
    let elsewhere = tempfile::tempdir().unwrap();
    let empty = ResetOptions::new(elsewhere.path(), EMAIL, "https://coord.example.com");
    assert!(matches!(
        coordinator::reset_link(empty).await,
        Err(ResetError::NoData(_))
    ));
    assert!(!elsewhere.path().join("coord.db").exists());

    // While the coordinator runs, in any case of letters.
    let link = coordinator::reset_link(options(&EMAIL.to_uppercase()));
    let link = link.await.unwrap().url;
    let token = link
        .strip_prefix("https://coord.example.com/reset#")
        .unwrap();
    let mut browser = server.client();
    browser.sign_in(EMAIL, PASSWORD).await.expect(200);
    let new = serde_json::json!({"token": token, "password": "another long password"});
    let confirm = "/api/v1/auth/reset/confirm";
    browser.post(confirm, new.clone()).await.expect(204);
    browser
        .post(confirm, new)
        .await
        .refused(404, "link_invalid");
    let mut browser = server.client();
    browser
        .sign_in(EMAIL, PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    browser
        .sign_in(EMAIL, "another long password")
        .await
        .expect(200);
}
