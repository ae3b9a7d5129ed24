//! Programs that do their best not to end.
#![cfg(target_os = "linux")]

#[cfg(test)]
mod programs;

use std::{fs, time::Duration};

use process::{Mark, Program, StartError, is_alive};
use programs::{escape, gone, shell, written};
use tokio::io::AsyncReadExt as _;

const GRACE: Duration = Duration::from_secs(5);
const AT_ONCE: Duration = Duration::ZERO;

#[tokio::test]
async fn a_mark_finds_what_no_tie_leads_to() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let mark = Mark {
        name: "PROCESS_TEST_MARK".to_owned(),
        value: folder.path().display().to_string(),
    };
    let mut child = shell(&escape(&file))
        .environment([(&mark.name, &mark.value)])
        .marked_by(mark.clone())
        .start()
        .unwrap();
    let sleeper = written(&file).await;
    assert!(process::marked(&mark).contains(&sleeper));
    child.end(GRACE).await;
    assert!(!is_alive(sleeper));
    assert_eq!(process::marked(&mark), []);
}

#[tokio::test]
async fn a_leftover_of_an_earlier_run_is_ended_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!(
        "setsid sleep 1000 & echo $! >{0}.new; mv {0}.new {0}; exec sleep 1000",
        file.display()
    );
    let leader = process::start_detached(&shell(&script), &process::Detached::default()).unwrap();
    let sleeper = written(&file).await;
    assert!(process::descendants(leader).contains(&sleeper));
    assert!(process::is_descendant(sleeper.pid, leader));
    assert!(!process::is_descendant(std::process::id(), leader));
    assert!(process::end_all(leader, None).await >= 2);
    assert!(!is_alive(sleeper) && !is_alive(leader));
}

#[tokio::test]
async fn a_grandchild_that_holds_the_output_does_not_hold_the_reader() {
    let mut child = shell("sleep 1000 & echo last words").start().unwrap();
    let mut output = child.take_stdout().unwrap();
    let mut text = String::new();
    output.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "last words\n");
    assert!(output.was_cut());
    assert_eq!(child.end(AT_ONCE).await.stopped, 1);
}

#[tokio::test]
async fn one_that_ignores_every_request_is_killed() {
    let mut child = shell("trap '' TERM INT; echo ready; while :; do sleep 1; done")
        .start()
        .unwrap();
    let mut output = child.take_stdout().unwrap();
    output.read_u8().await.unwrap();
    child.interrupt();
    let identity = child.identity();
    let ended = child.end(Duration::from_millis(50)).await;
    assert!(!is_alive(identity));
    assert!(!ended.status.unwrap().success());
}

#[tokio::test]
async fn one_that_leaves_when_its_input_closes_is_not_touched() {
    let mut child = shell("cat; exit 3").start().unwrap();
    let ended = child.end(GRACE).await;
    assert_eq!(ended.status.unwrap().code(), Some(3));
    assert_eq!(ended.stopped, 0);
}

#[tokio::test]
async fn dropping_it_kills_the_whole_family() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!("sleep 1000 & echo $! >{}; wait", file.display());
    let child = shell(&script).start().unwrap();
    let sleeper = written(&file).await;
    drop(child);
    gone(sleeper).await;
}

#[tokio::test]
async fn a_program_gets_exactly_its_own_environment_and_folder() {
    let folder = tempfile::tempdir().unwrap();
    let answer = Program::new("/usr/bin/env")
        .environment([("A", "1"), ("B", "x y"), ("A", "2")])
        .folder(folder.path())
        .run_briefly(GRACE)
        .await
        .unwrap();
    let mut lines: Vec<_> = answer.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["A=2", "B=x y"]);
}

#[tokio::test]
async fn a_flood_is_read_to_its_end_and_kept_up_to_a_bound() {
    let answer = shell("head -c 5000000 /dev/zero; echo done >&2")
        .run_briefly(Duration::from_secs(20))
        .await
        .unwrap();
    assert_eq!(answer.stdout.len(), 1024 * 1024);
    assert_eq!(answer.stderr, "done\n");
    assert!(answer.status.success());
}

#[tokio::test]
async fn one_that_does_not_answer_is_ended() {
    let error = shell("sleep 1000")
        .run_briefly(Duration::from_millis(200))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "/bin/sh did not answer within 0.2 s and was ended"
    );
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Program::new("/no/such/agent").start().err().unwrap();
    assert_eq!(
        missing.to_string(),
        "cannot start /no/such/agent: there is no such program; install it, or set its path"
    );
    let text = folder.path().join("text");
    fs::write(&text, "").unwrap();
    let refused = Program::new(&text).start().err().unwrap();
    assert!(
        matches!(refused, StartError::NotAllowed { .. }),
        "{refused}"
    );
    let nowhere = Program::new("/bin/sh")
        .folder("/no/such/folder")
        .start()
        .err()
        .unwrap();
    assert_eq!(
        nowhere.to_string(),
        "cannot start /bin/sh: its working folder /no/such/folder does not exist"
    );
}

#[tokio::test]
async fn a_detached_process_is_tied_to_nothing_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("service.log");
    let program = shell("echo up; exec sleep 1000");
    let detached = process::Detached {
        output: Some(output.clone()),
    };
    let identity = process::start_detached(&program, &detached).unwrap();
    tokio::time::timeout(Duration::from_secs(20), async {
        while fs::read_to_string(&output).unwrap() != "up\n" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    let pid = rustix::process::Pid::from_raw(identity.pid.cast_signed()).unwrap();
    assert_eq!(rustix::process::getsid(Some(pid)).unwrap(), pid);
    process::end_all(identity, None).await;
    gone(identity).await;
}

#[tokio::test]
async fn a_process_started_ahead_goes_on_only_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.log");
    // An end of the input is no word.
    let program = shell("read word || exit; echo \"$word\"; exec sleep 1000");
    let detached = process::Detached {
        output: Some(output.clone()),
    };
    drop(process::start_ahead(&program, &detached).unwrap());
    let identity = process::start_ahead(&program, &detached)
        .unwrap()
        .go("to work")
        .unwrap();
    tokio::time::timeout(Duration::from_secs(20), async {
        while fs::read_to_string(&output).unwrap() != "to work\n" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    process::end_all(identity, None).await;
    gone(identity).await;
}

#[tokio::test]
async fn what_does_not_listen_cannot_be_told_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!(
        "exec 0<&-; echo $$ >{0}.new; mv {0}.new {0}; exec sleep 1000",
        file.display()
    );
    let ahead = process::start_ahead(&shell(&script), &process::Detached::default()).unwrap();
    let deaf = written(&file).await;
    assert!(ahead.go("to work").is_err());
    process::end_all(deaf, None).await;
    gone(deaf).await;
}
