//! Mail that is sent, and links for a new password.

use serde_json::json;
use testkit::smtp::{Mail, MailServer};

use crate::support::{Answer, Client, EMAIL, PASSWORD, TestServer, soon};

const NEW_PASSWORD: &str = "another horse battery";

async fn with_mail() -> (TestServer, MailServer) {
    let mail = MailServer::start().await.unwrap();
    let settings = format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"Coord <coord@example.com>\"\n",
        mail.address().port()
    );
    (TestServer::start_with(&settings).await, mail)
}

async fn ask(client: &Client, email: &str) -> Answer {
    let body = json!({"email": email});
    client.post("/api/v1/auth/reset", body).await
}

async fn confirm(client: &Client, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    client.post("/api/v1/auth/reset/confirm", body).await
}

/// The token of the link in a mail.
fn token_in(server: &TestServer, mail: &Mail) -> String {
    let text = mail.text();
    let link = format!("{}/reset#", server.url);
    let at = text.find(&link).unwrap_or_else(|| panic!("{mail:?}")) + link.len();
    text[at..].split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_with_the_link_in_a_mail() {
    let (server, mut mails) = with_mail().await;
    let instance = server.client().get("/api/v1/instance").await.json();
    assert_eq!(instance["mail"], true);
    let before = server.owner().await;
    let mut client = server.client();
    ask(&client, " ADA@example.com").await.expect(204);
    let mail = soon("the mail", mails.next()).await.unwrap();
    assert_eq!(mail.from, "coord@example.com");
    assert_eq!(mail.to, [EMAIL]);
    assert!(mail.content.contains("Subject: A new password for Coord"));
    let token = token_in(&server, &mail);
    confirm(&client, "nonsense", NEW_PASSWORD)
        .await
        .refused(404, "link_invalid");
    confirm(&client, &token, "short")
        .await
        .refused(400, "invalid");
    confirm(&client, &token, NEW_PASSWORD).await.expect(204);
    confirm(&client, &token, NEW_PASSWORD)
        .await
        .refused(404, "link_invalid");
    before.get("/api/v1/me").await.refused(401, "not_signed_in");
    client
        .sign_in(EMAIL, PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    client.sign_in(EMAIL, NEW_PASSWORD).await.expect(200);
}

#[tokio::test]
async fn nobody_learns_who_has_an_account_and_links_end() {
    let (server, mut mails) = with_mail().await;
    let client = server.client();
    ask(&client, "eve@example.com").await.expect(204);
    ask(&client, "no address").await.expect(204);
    ask(&client, EMAIL).await.expect(204);
    let mail = soon("the mail", mails.next()).await.unwrap();
    assert_eq!(mail.to, [EMAIL], "only who has an account gets a mail");
    assert_eq!(mails.waiting(), None);
    server.clock.advance_s(60 * 60);
    confirm(&client, &token_in(&server, &mail), NEW_PASSWORD)
        .await
        .refused(404, "link_invalid");
}

#[tokio::test]
async fn asking_for_links_is_limited_for_each_account() {
    let (server, _mails) = with_mail().await;
    let client = server.client();
    for _ in 0..3 {
        ask(&client, EMAIL).await.expect(204);
    }
    ask(&client, EMAIL).await.refused(429, "rate_limited");
    ask(&client, "eve@example.com").await.expect(204);
}

#[tokio::test]
async fn a_mail_that_is_not_taken_at_first_is_sent_again() {
    let (server, mut mails) = with_mail().await;
    mails.refuse_next("451 4.3.0 Try again later");
    ask(&server.client(), EMAIL).await.expect(204);
    let mail = soon("the mail", mails.next()).await.unwrap();
    assert_eq!(mail.to, [EMAIL]);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_keeps_no_other_from_going() {
    let (server, mut mails) = with_mail().await;
    mails.refuse_next("550 5.1.1 No such mailbox");
    let client = server.client();
    ask(&client, EMAIL).await.expect(204);
    ask(&client, EMAIL).await.expect(204);
    soon("the second mail", mails.next()).await.unwrap();
}

#[tokio::test]
async fn without_mail_an_admin_hands_the_link_over_to_somebody_below() {
    let server = TestServer::start_with("[sign_up]\nopen = true\n").await;
    let ada = server.owner().await;
    ask(&server.client(), EMAIL)
        .await
        .refused(503, "unavailable");
    let me = ada.get("/api/v1/me").await.json();
    let own = me["account"]["id"].as_str().unwrap();
    let link_for = |id: &str| format!("/api/v1/workspaces/team/members/{id}/reset-link");
    ada.post(&link_for(own), json!({}))
        .await
        .refused(403, "forbidden");
    let mut bob = server.client();
    let bobs = bob
        .sign_up("bob@example.com", None)
        .await
        .expect(201)
        .json();
    let id = bobs["account"]["id"].as_str().unwrap();
    ada.post(&link_for(id), json!({}))
        .await
        .refused(404, "not_found");
    server.add_member(id, "member").await;
    bob.post(&link_for(own), json!({}))
        .await
        .refused(403, "forbidden");
    let link = ada.post(&link_for(id), json!({})).await.expect(200).json();
    let url = link["url"].as_str().unwrap();
    let token = url.strip_prefix(&format!("{}/reset#", server.url)).unwrap();
    confirm(&server.client(), token, NEW_PASSWORD)
        .await
        .expect(204);
    bob.sign_in("bob@example.com", NEW_PASSWORD)
        .await
        .expect(200);
}
