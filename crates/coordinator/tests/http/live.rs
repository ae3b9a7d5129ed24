//! Live events, as a browser hears them.

use futures::StreamExt as _;
use reqwest::Method;
use serde_json::json;

use crate::support::{Client, TestServer, soon};

const LIVE: &str = "/api/v1/workspaces/team/live";

/// An open stream, read up to any text.
pub(crate) struct Stream {
    body: futures::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    read: String,
}

impl Stream {
    pub(crate) async fn open(client: &Client, resumed: bool) -> Self {
        let mut request = client.request(Method::GET, LIVE);
        if resumed {
            request = request.header("last-event-id", "3");
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.bytes_stream().boxed(),
            read: String::new(),
        }
    }

    /// Reads on until `text` has come; returns everything before and with it.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        soon(text, async {
            loop {
                if let Some(at) = self.read.find(text) {
                    let rest = self.read.split_off(at + text.len());
                    return std::mem::replace(&mut self.read, rest);
                }
                let part = self.body.next().await.expect("the stream ended").unwrap();
                self.read.push_str(std::str::from_utf8(&part).unwrap());
            }
        })
        .await
    }

    async fn ended(&mut self) {
        soon("the end", async {
            while self.body.next().await.is_some_and(|part| part.is_ok()) {}
        })
        .await;
    }
}

#[tokio::test]
async fn a_change_is_heard_by_those_who_look() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut stream = Stream::open(&owner, false).await;
    stream.until("id: 0\n").await;
    let new = json!({"title": "Live", "instructions": "say hello"});
    let job = owner
        .post("/api/v1/workspaces/team/jobs", new)
        .await
        .expect(201)
        .json();
    let heard = stream.until("\n\n").await + &stream.until("\n\n").await;
    assert!(heard.contains("event: change"), "{heard}");
    assert!(
        heard.contains(&format!("\"job_id\":{}", job["id"])),
        "{heard}"
    );
}

#[tokio::test]
async fn who_comes_back_is_told_to_fetch_everything() {
    let server = TestServer::start().await;
    let mut stream = Stream::open(&server.owner().await, true).await;
    stream
        .until("data: {\"change\":{\"what\":\"everything\"}}\n")
        .await;
}

#[tokio::test]
async fn streams_end_when_the_coordinator_stops() {
    let mut server = TestServer::start().await;
    let owner = server.owner().await;
    let mut stream = Stream::open(&owner, false).await;
    stream.until("id: 0\n").await;
    soon("the stop", server.stop()).await;
    stream.ended().await;
}

#[tokio::test]
async fn nobody_listens_without_being_a_member() {
    let server = TestServer::start().await;
    server
        .client()
        .get(LIVE)
        .await
        .refused(401, "not_signed_in");
    let owner = server.owner().await;
    owner
        .get("/api/v1/workspaces/other/live")
        .await
        .refused(404, "not_found");
}
