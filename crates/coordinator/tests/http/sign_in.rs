//! Signing in and out, and what is refused.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{EMAIL, PASSWORD, TestServer, http, send};

#[tokio::test]
async fn the_owner_signs_in_and_out() {
    let server = TestServer::start().await;
    let mut browser = server.client();
    browser
        .get("/api/v1/me")
        .await
        .refused(401, "not_signed_in");
    let answer = browser
        .sign_in("  ADA@example.com ", PASSWORD)
        .await
        .expect(200);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("coord_session="), "{cookie}");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let me = browser.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["account"]["email"], EMAIL);
    assert_eq!(me["workspaces"][0]["slug"], "team");
    assert_eq!(me["workspaces"][0]["role"], "owner");
    browser
        .post("/api/v1/auth/sign-out", json!({}))
        .await
        .expect(204);
    browser
        .get("/api/v1/me")
        .await
        .refused(401, "not_signed_in");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_refused_alike() {
    let server = TestServer::start().await;
    let mut browser = server.client();
    let wrong = browser
        .sign_in(EMAIL, "wrong password")
        .await
        .refused(401, "wrong_credentials");
    let unknown = browser
        .sign_in("eve@example.com", PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    assert_eq!(wrong.json()["message"], unknown.json()["message"]);
    assert_eq!(wrong.header("set-cookie"), "");
}

#[tokio::test]
async fn guessing_is_slowed_down_and_forgiven_later() {
    let server = TestServer::start().await;
    let mut browser = server.client();
    for _ in 0..10 {
        browser
            .sign_in(EMAIL, "wrong password")
            .await
            .refused(401, "wrong_credentials");
    }
    let limited = browser
        .sign_in(EMAIL, PASSWORD)
        .await
        .refused(429, "rate_limited");
    let wait: i64 = limited.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    // Another account is not touched by it.
    browser
        .sign_in("eve@example.com", "wrong password")
        .await
        .refused(401, "wrong_credentials");
    server.clock.advance_s(wait);
    browser.sign_in(EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn guessing_is_slowed_down_for_an_address_whatever_account_it_tries() {
    const GUESSES_MAX: usize = 50;
    let server = TestServer::start_with("[server]\ntrusted_proxies = [\"127.0.0.1\"]\n").await;
    let guess = |address: &'static str, email: String| {
        let request = http().post(format!("{}/api/v1/auth/sign-in", server.url));
        let request = request.header("origin", &server.url);
        let request = request.header("x-forwarded-for", address);
        request
            .json(&json!({"email": email, "password": PASSWORD}))
            .send()
    };
    for n in 0..GUESSES_MAX {
        let answer = guess("192.0.2.1", format!("person-{n}@example.com")).await;
        assert_eq!(answer.unwrap().status(), StatusCode::UNAUTHORIZED, "{n}");
    }
    let limited = guess("192.0.2.1", EMAIL.to_owned()).await.unwrap();
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(limited.headers().contains_key("retry-after"));
    // Whoever comes from elsewhere is not touched by it.
    let other = guess("192.0.2.2", EMAIL.to_owned()).await.unwrap();
    assert_eq!(other.status(), StatusCode::OK);
}

#[tokio::test]
async fn another_site_cannot_use_the_session() {
    let server = TestServer::start().await;
    let browser = server.owner().await;
    let sign_out = || browser.request(Method::POST, "/api/v1/auth/sign-out");
    send(sign_out().header("sec-fetch-site", "cross-site"))
        .await
        .refused(403, "forbidden");
    send(sign_out().header("origin", "http://evil.example"))
        .await
        .refused(403, "forbidden");
    browser.get("/api/v1/me").await.expect(200);
    send(
        sign_out()
            .header("origin", &server.url)
            .header("sec-fetch-site", "same-origin"),
    )
    .await
    .expect(204);
}

#[tokio::test]
async fn a_session_ends_when_silent_or_old() {
    let settings = "[sign_in]\nsession_idle_s = 3600\nsession_life_s = 7200\n";
    let server = TestServer::start_with(settings).await;
    let (silent, busy) = (server.owner().await, server.owner().await);
    server.clock.advance_s(2400);
    busy.get("/api/v1/me").await.expect(200);
    server.clock.advance_s(2400);
    silent.get("/api/v1/me").await.refused(401, "not_signed_in");
    busy.get("/api/v1/me").await.expect(200);
    server.clock.advance_s(2400);
    busy.get("/api/v1/me").await.refused(401, "not_signed_in");
}

#[tokio::test]
async fn signing_in_again_replaces_the_session() {
    let server = TestServer::start().await;
    let mut browser = server.owner().await;
    let before = browser.clone();
    browser.sign_in(EMAIL, PASSWORD).await.expect(200);
    before.get("/api/v1/me").await.refused(401, "not_signed_in");
    browser.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn an_instance_without_an_owner_says_so() {
    let server = TestServer::start_on(tempfile::tempdir().unwrap()).await;
    let mut browser = server.client();
    let instance = browser.get("/api/v1/instance").await.expect(200).json();
    assert_eq!(instance["product"], "coord");
    assert_eq!(instance["bootstrapped"], false);
    browser
        .sign_in(EMAIL, PASSWORD)
        .await
        .refused(409, "not_bootstrapped");
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large_are_refused() {
    let server = TestServer::start().await;
    let post = || {
        server
            .client()
            .request(Method::POST, "/api/v1/auth/sign-in")
    };
    send(post().body("email=a")).await.refused(415, "invalid");
    let json = |text: String| post().header("content-type", "application/json").body(text);
    send(json("{\"email\":".to_owned()))
        .await
        .refused(400, "invalid");
    send(json(format!("\"{}\"", "x".repeat(70 * 1024))))
        .await
        .refused(413, "too_large");
}
