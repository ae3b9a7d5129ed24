//! The files of the Download Runner page.

use reqwest::Method;

use crate::support::{TestServer, send};

const NAME: &str = "coord-1.2.3-linux-x86_64.tar.gz";

#[tokio::test]
async fn what_lies_in_the_folder_is_listed_and_served_in_parts() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let list = owner.get("/api/v1/downloads").await.expect(200).json();
    assert_eq!(list["files"], serde_json::json!([]), "there is no folder");
    let folder = server.data.path().join("downloads");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(NAME), "0123456789").unwrap();
    std::fs::write(folder.join("notes.txt"), "x").unwrap();
    let list = owner.get("/api/v1/downloads").await.expect(200).json();
    assert_eq!(list["server"], server.url.as_str());
    assert_eq!(list["files"].as_array().unwrap().len(), 1);
    assert_eq!(
        list["files"][0]["sha256"],
        protocol::digest::sha256_hex(b"0123456789")
    );
    let anybody = server.client();
    let path = format!("/downloads/{NAME}");
    let whole = anybody.get(&path).await.expect(200);
    assert_eq!(whole.text, "0123456789");
    assert_eq!(
        whole.header("content-disposition"),
        format!("attachment; filename=\"{NAME}\"")
    );
    assert_eq!(whole.header("x-content-type-options"), "nosniff");
    assert_eq!(whole.header("content-encoding"), "");
    let part = anybody
        .request(Method::GET, &path)
        .header("range", "bytes=4-6");
    let part = send(part).await.expect(206);
    assert_eq!(
        (part.text.as_str(), part.header("content-range")),
        ("456", "bytes 4-6/10")
    );
    let past = anybody
        .request(Method::GET, &path)
        .header("range", "bytes=90-");
    send(past).await.expect(416);
    for name in [
        "notes.txt",
        "..%2Fcoord.db",
        "coord-9.9.9-linux-x86_64.tar.gz",
    ] {
        anybody
            .get(&format!("/downloads/{name}"))
            .await
            .refused(404, "not_found");
    }
    let seen = anybody.get("/api/v1/downloads").await.expect(200);
    assert_eq!(seen.json(), list);
}

#[tokio::test]
async fn the_folder_can_stand_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(NAME), "x").unwrap();
    let path = folder.path().display();
    let server = TestServer::start_with(&format!("[downloads]\nfolder = '{path}'\n")).await;
    let list = server
        .owner()
        .await
        .get("/api/v1/downloads")
        .await
        .expect(200);
    assert_eq!(list.json()["files"][0]["name"], NAME);
}
