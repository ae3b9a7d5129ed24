//! A runner of another version than the coordinator's.

use protocol::{ids::InstallationId, version};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    support::TestServer,
    syncer::{Syncer, post_sync},
    tokens::sign_in_device_as,
};

#[tokio::test]
async fn versions_that_overlap_meet_and_others_are_told_whom_to_update() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let (oldest, newest) = (version::OLDEST, version::CURRENT);
    for (min, max, update) in [
        (oldest, newest, None),
        (oldest.saturating_sub(1), oldest, None),
        (newest, newest + 5, None),
        (newest + 1, newest + 5, Some("Update the coordinator.")),
        (0, oldest.saturating_sub(1), Some("Update the runner.")),
    ] {
        let tokens = sign_in_device_as(&server, &owner, "coord-runner").await;
        let device = server
            .client()
            .with_token(tokens["access_token"].as_str().unwrap());
        let body = json!({
            "protocol": {"min": min, "max": max},
            "installation_id": InstallationId(Uuid::now_v7()),
            "name": format!("box{min}-{max}"),
            "platform": {"os": "linux", "os_version": "12", "arch": "x86_64", "hostname": "box"},
            "runner_version": "9.9.9",
            "machine_key": "00",
            "said_by_a_newer_one": {"whatever": 1},
        });
        let answer = device.post("/api/runner/v1/register", body).await;
        match update {
            None => drop(answer.expect(200)),
            Some(hint) => {
                assert_eq!(answer.json()["hint"], hint, "{min} to {max}");
                answer.refused(400, "version_unsupported");
            }
        }
    }
}

#[tokio::test]
async fn what_a_newer_runner_says_besides_is_left_alone() {
    let server = TestServer::start().await;
    let syncer = Syncer::here(&server, "box").await;
    let mut request: Value = serde_json::to_value(syncer.request(2, 0)).unwrap();
    request["said_by_a_newer_one"] = json!([1, 2]);
    request["slots"]["burst"] = json!(7);
    let answer = syncer.client.post("/api/runner/v1/sync", request).await;
    answer.expect(200);
    let older = syncer.request(1, 0);
    post_sync(&syncer.client, &older)
        .await
        .refused(409, "stale_sync");
}
