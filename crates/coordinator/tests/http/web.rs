//! The web app's pages, the API's document, and what operators ask.

use reqwest::Method;

use crate::support::{TestServer, send};

#[tokio::test]
async fn operators_see_that_it_works_and_what_it_did() {
    let server = TestServer::start().await;
    let client = server.client();
    assert_eq!(client.get("/healthz").await.expect(200).text, "ok\n");
    assert_eq!(client.get("/readyz").await.expect(200).text, "ready\n");
    server.owner().await;
    let metrics = client.get("/metrics").await.expect(200);
    assert!(
        metrics
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let counted =
        "coord_http_requests_total{route=\"/api/v1/auth/sign-in\",method=\"POST\",status=\"200\"}";
    assert!(metrics.text.contains(counted), "{}", metrics.text);
}

#[tokio::test]
async fn the_document_is_served_and_is_the_one_made_without_a_server() {
    let server = TestServer::start().await;
    let served = server
        .client()
        .get("/api/openapi.json")
        .await
        .expect(200)
        .json();
    let made: serde_json::Value =
        serde_json::from_str(&coordinator::openapi().to_json().unwrap()).unwrap();
    assert_eq!(served, made);
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn the_page_of_the_api_loads_nothing_from_elsewhere() {
    let server = TestServer::start().await;
    let client = server.client();
    for path in ["/api/docs", "/api/docs/docs.css", "/api/docs/docs.js"] {
        let file = client.get(path).await.expect(200);
        assert!(
            !file.text.contains("http://") && !file.text.contains("https://"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let server = TestServer::start().await;
    let client = server.client();
    for path in [
        "/",
        "/api/v1/me",
        "/api/docs",
        "/assets/gone.js",
        "/healthz",
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
    }
    assert_eq!(
        client.get("/api/v1/instance").await.header("cache-control"),
        "no-store"
    );
}

#[tokio::test]
async fn the_app_answers_its_addresses_and_the_api_its_own() {
    let server = TestServer::start().await;
    let client = server.client();
    // Built with the web app it is there, without it the page says how to get it.
    let page = client.get("/device?code=ABCD-EFGH").await;
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{page:?}"
    );
    assert!(
        page.status == 200 || page.text.contains("cargo xtask build"),
        "{page:?}"
    );
    client
        .get("/api/v1/nothing")
        .await
        .refused(404, "not_found");
    client
        .get("/assets/gone-1234.js")
        .await
        .refused(404, "not_found");
    send(client.request(Method::DELETE, "/api/v1/me"))
        .await
        .refused(405, "invalid");
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_can_read_it() {
    let server = TestServer::start().await;
    let request = server.client().request(Method::GET, "/api/openapi.json");
    let answer = request
        .header("accept-encoding", "br, gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-encoding"], "br");
}
