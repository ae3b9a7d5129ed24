//! Text that is too long, or no text.

use whole::{
    Job, Runner, Stage,
    stage::{EMAIL, PASSWORD, WORKSPACE},
};

#[test]
fn ten_megabytes_of_instructions_are_refused_with_the_limit() {
    let stage = Stage::ready();
    let file = stage.file("long.txt", vec![b'a'; 10 * 1024 * 1024]);
    stage
        .coord(["job", "submit", "--workspace", WORKSPACE, "--title", "Long"])
        .arg("--instructions-file")
        .arg(file)
        .run()
        .refused(1, &["1.0 MiB", "--attach"]);
}

#[tokio::test]
async fn ten_megabytes_are_refused_by_the_coordinator_too() {
    let stage = Stage::ready();
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let http = reqwest::Client::builder().build().unwrap();
    let signed_in = http
        .post(format!("{}/api/v1/auth/sign-in", stage.url()))
        .json(&serde_json::json!({"email": EMAIL, "password": PASSWORD}))
        .send()
        .await
        .unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap();
    let answer = http
        .post(format!(
            "{}/api/v1/workspaces/{WORKSPACE}/jobs",
            stage.url()
        ))
        .header("cookie", cookie.split(';').next().unwrap())
        .header("content-type", "application/json")
        .body(vec![b' '; 10 * 1024 * 1024])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), reqwest::StatusCode::PAYLOAD_TOO_LARGE);
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "too_large", "{problem}");
}

#[test]
fn an_instruction_file_that_is_no_text_is_refused() {
    let stage = Stage::ready();
    let file = stage.file("noise.bin", [0xff, 0x00, 0xfe]);
    stage
        .coord([
            "job",
            "submit",
            "--workspace",
            WORKSPACE,
            "--title",
            "Noise",
        ])
        .arg("--instructions-file")
        .arg(file)
        .run()
        .refused(1, &["UTF-8"]);
}

#[test]
fn binary_noise_of_an_agent_becomes_readable_entries() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let noise: Vec<u8> = (0..=255).cycle().take(64 * 1024).collect();
    let file = stage.file("noise.bin", noise);
    let job = Job::submit(&stage, &format!("run cat {}\nsay after\n", file.display()));
    let approval = job.approval();
    let id = approval["id"].as_str().unwrap();
    runner.coord(&["approvals", "allow", id]).run().ok();
    job.wait().ok();
    assert!(job.said().contains(&"after".to_owned()));
}

#[test]
fn a_line_of_five_megabytes_comes_whole_in_bounded_entries() {
    let stage = Stage::ready();
    let runner = Runner::online(&stage, "box");
    let length = 5 * 1024 * 1024;
    let file = stage.file("line.txt", [vec![b'x'; length], vec![b'\n']].concat());
    let job = Job::submit(&stage, &format!("run cat {}\nsay after\n", file.display()));
    let approval = job.approval();
    let id = approval["id"].as_str().unwrap();
    runner.coord(&["approvals", "allow", id]).run().ok();
    job.wait().ok();
    let log = job.log();
    let longest = log.iter().map(|entry| entry.text.len()).max();
    assert!(longest <= Some(protocol::limits::LOG_TEXT_BYTES_MAX));
    assert!(job.said().contains(&"after".to_owned()));
}
