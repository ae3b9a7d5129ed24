//! A subreaper lets nothing slip away. One test, because being one concerns the
//! whole process.
#![cfg(target_os = "linux")]

#[cfg(test)]
mod programs;

use std::time::Duration;

use process::{Mark, is_alive};
use programs::{escape, gone, shell, written};

#[tokio::test]
async fn a_subreaper_ends_whatever_left_its_session_and_its_parents() {
    process::become_subreaper().unwrap();
    let folder = tempfile::tempdir().unwrap();

    let file = folder.path().join("escaped");
    let mut child = shell(&escape(&file)).start().unwrap();
    let sleeper = written(&file).await;
    assert!(is_alive(sleeper));
    let ended = child.end(Duration::from_secs(5)).await;
    gone(sleeper).await;
    assert!(ended.stopped >= 1, "{ended:?}");

    // The mark only counts them here; the program was started without it.
    let swarm = Mark {
        name: "PROCESS_TEST_SWARM".to_owned(),
        value: folder.path().display().to_string(),
    };
    let file = folder.path().join("swarm");
    let script = format!(
        "for i in $(seq 40); do setsid sh -c 'sleep 1000 & sleep 1000' & done; echo $$ >{}; wait",
        file.display()
    );
    let mut child = shell(&script)
        .environment([(&swarm.name, &swarm.value)])
        .start()
        .unwrap();
    written(&file).await;
    assert!(!process::marked(&swarm).is_empty());
    child.end(Duration::ZERO).await;
    assert_eq!(process::marked(&swarm), []);
}
