//! Small programs for the tests, and how to find what they started.

use std::{fs, path::Path, time::Duration};

use process::{Identity, Program};

/// Runs `script`.
pub(crate) fn shell(script: &str) -> Program {
    Program::new("/bin/sh")
        .arguments(["-c", script])
        .environment([("PATH", "/usr/local/bin:/usr/bin:/bin")])
}

/// Leaves its session and its parents: a sleeper, orphaned in a session of its
/// own, writes its number into `file`. The program itself ends with its input.
pub(crate) fn escape(file: &Path) -> String {
    format!(
        "setsid sh -c 'sleep 1000 & echo $! >{file}.new; mv {file}.new {file}' & wait; cat",
        file = file.display()
    )
}

/// The process whose number a program writes into `file`, once it has.
pub(crate) async fn written(file: &Path) -> Identity {
    let found = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Some(pid) = fs::read_to_string(file)
                .ok()
                .filter(|text| text.ends_with('\n'))
                .and_then(|text| text.trim().parse().ok())
            {
                return Identity::of(pid).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    found.await.expect("the program wrote its number")
}

/// Waits until the process has ended.
pub(crate) async fn gone(identity: Identity) {
    tokio::time::timeout(Duration::from_secs(20), async {
        while process::is_alive(identity) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the process ended");
}
