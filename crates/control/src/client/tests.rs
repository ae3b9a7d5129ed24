//! Client and server over a real socket.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use protocol::{error::ErrorCode, runner::Slots, time::Timestamp};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::{Notify, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    BindError, Handler, Limits, Server,
    state::{Config, Connection as Standing},
};

fn state(pid: u32) -> ServiceState {
    ServiceState {
        version: "0.1.0".to_owned(),
        pid,
        started_at: Timestamp(0),
        connection: Standing::Online,
        runner: None,
        account: None,
        credentials: None,
        slots: Slots { total: 1, free: 1 },
        paused: None,
        draining: false,
        troubles: Vec::new(),
        agents: Vec::new(),
        tools: Vec::new(),
        scanning: false,
        space_used: None,
        attempts: Vec::new(),
        approvals: Vec::new(),
        questions: Vec::new(),
        settled: Vec::new(),
        rules: Vec::new(),
        config: Config {
            server: None,
            name: None,
            workspace_dir: None,
            slots: 1,
            agents: std::collections::BTreeMap::new(),
            shared_use: crate::state::SharedUseConfig::default(),
            permission: protocol::runner::PermissionLevel::default(),
            approval_timeout_min: 30,
            space: crate::state::SpaceConfig::default(),
            workspaces: std::collections::BTreeMap::new(),
            locked: Vec::new(),
            file: "config.toml".to_owned(),
        },
    }
}

/// Answers `Rescan` when it is let go, refuses `SignIn`, and does everything else at once.
struct Fake {
    states: watch::Sender<Arc<ServiceState>>,
    workers: Vec<u32>,
    let_go: Notify,
    finished: AtomicUsize,
}

impl Handler for Fake {
    fn states(&self) -> watch::Receiver<Arc<ServiceState>> {
        self.states.subscribe()
    }

    fn workers(&self) -> Vec<u32> {
        self.workers.clone()
    }

    async fn handle(&self, request: Request) -> Reply {
        match request {
            Request::Rescan => {
                self.let_go.notified().await;
                self.finished.fetch_add(1, Ordering::SeqCst);
                Reply::Done
            }
            Request::SignIn => Reply::Refused {
                problem: Problem::new(ErrorCode::Conflict, "already signed in"),
            },
            _ => Reply::Done,
        }
    }
}

struct Running {
    data: tempfile::TempDir,
    handler: Arc<Fake>,
    stop: CancellationToken,
    served: JoinHandle<()>,
}

impl Running {
    async fn start(workers: Vec<u32>, limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let handler = Arc::new(Fake {
            states: watch::Sender::new(Arc::new(state(1))),
            workers,
            let_go: Notify::new(),
            finished: AtomicUsize::new(0),
        });
        let (stop, served) = serve(data.path(), &handler, limits).await;
        Self {
            data,
            handler,
            stop,
            served,
        }
    }

    async fn client(&self) -> Client {
        Client::connect(self.data.path()).await.unwrap()
    }

    async fn end(self) {
        self.stop.cancel();
        self.served.await.unwrap();
        std::fs::remove_dir(crate::runtime_dir(self.data.path()).unwrap()).unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "the test joins the task itself")]
async fn serve(
    data: &Path,
    handler: &Arc<Fake>,
    limits: Limits,
) -> (CancellationToken, JoinHandle<()>) {
    let server = Server::bind(data, limits).await.unwrap();
    let stop = CancellationToken::new();
    let served = tokio::spawn(server.serve(Arc::clone(handler), stop.clone()));
    (stop, served)
}

#[tokio::test]
async fn without_a_service_the_error_says_how_to_start_one() {
    let data = tempfile::tempdir().unwrap();
    let error = Client::connect(data.path()).await.unwrap_err();
    assert!(error.to_string().contains("coord runner start"), "{error}");
}

#[tokio::test]
async fn a_call_is_answered_and_a_refusal_is_an_error() {
    let service = Running::start(Vec::new(), Limits::default()).await;
    let client = service.client().await;
    assert_eq!(client.state().await.unwrap(), state(1));
    assert_eq!(client.call(Request::Resume).await.unwrap(), Reply::Done);
    let refused = client.call(Request::SignIn).await.unwrap_err();
    assert!(
        matches!(refused, ClientError::Refused(problem) if problem.code == ErrorCode::Conflict)
    );
    service.end().await;
}

#[tokio::test]
async fn a_watch_says_the_state_first_and_then_each_new_one() {
    let service = Running::start(Vec::new(), Limits::default()).await;
    let mut states = service.client().await.watch().await.unwrap();
    assert_eq!(states.next().await.unwrap().unwrap().pid, 1);
    for pid in 2..5 {
        service.handler.states.send_replace(Arc::new(state(pid)));
        assert_eq!(states.next().await.unwrap().unwrap().pid, pid);
    }
    service.end().await;
    assert!(matches!(
        states.next().await,
        Some(Err(ClientError::Closed))
    ));
    assert!(states.next().await.is_none());
}

#[tokio::test]
async fn a_slow_call_keeps_no_other_waiting_and_outlives_its_face() {
    let service = Running::start(Vec::new(), Limits::default()).await;
    let client = service.client().await;
    let slow = client.call(Request::Rescan);
    tokio::pin!(slow);
    tokio::select! {
        _ = &mut slow => panic!("nobody let it go"),
        reply = client.call(Request::Resume) => assert_eq!(reply.unwrap(), Reply::Done),
    }
    service.handler.let_go.notify_one();
    assert_eq!(slow.await.unwrap(), Reply::Done);

    let mut left = service.client().await.open().await.unwrap();
    left.send(&Request::Rescan).await.unwrap();
    drop(left);
    service.handler.let_go.notify_one();
    while service.handler.finished.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    service.end().await;
}

#[tokio::test]
async fn a_program_of_an_attempt_is_refused() {
    let service = Running::start(vec![std::process::id()], Limits::default()).await;
    let client = service.client().await;
    for request in [Request::State, Request::Resume] {
        let error = client.call(request).await.unwrap_err();
        assert!(
            matches!(&error, ClientError::Refused(problem) if problem.code == ErrorCode::Forbidden),
            "{error}"
        );
    }
    let mut states = client.watch().await.unwrap();
    assert!(matches!(
        states.next().await,
        Some(Err(ClientError::Refused(_)))
    ));
    service.end().await;
}

#[tokio::test]
async fn one_data_directory_has_one_service_and_a_crash_leaves_no_obstacle() {
    let service = Running::start(Vec::new(), Limits::default()).await;
    let second = Server::bind(service.data.path(), Limits::default()).await;
    assert!(matches!(second, Err(BindError::InUse)));
    let client = service.client().await;

    // What a crash leaves behind: a socket file that nobody listens on.
    let address = address::read(service.data.path()).unwrap().unwrap();
    service.stop.cancel();
    service.served.await.unwrap();
    drop(std::os::unix::net::UnixListener::bind(&address).unwrap());
    assert!(address.exists());
    let gone = client.call(Request::Resume).await.unwrap_err();
    assert!(matches!(gone, ClientError::NotRunning { .. }), "{gone}");

    // The same client finds the next start.
    let (stop, served) = serve(service.data.path(), &service.handler, Limits::default()).await;
    assert_eq!(client.call(Request::Resume).await.unwrap(), Reply::Done);
    stop.cancel();
    served.await.unwrap();
    std::fs::remove_dir(crate::runtime_dir(service.data.path()).unwrap()).unwrap();
}

#[tokio::test]
async fn noise_and_endless_lines_are_answered_and_end_the_connection() {
    let limits = Limits {
        line_bytes_max: 1000,
        ..Limits::default()
    };
    let service = Running::start(Vec::new(), limits).await;
    let address = address::read(service.data.path()).unwrap().unwrap();
    for (sent, code) in [
        (b"\xff\xfe not json\n".to_vec(), "invalid"),
        (b"{\"id\":1,\"request\":\"dance\"}\n".to_vec(), "invalid"),
        (vec![b'x'; 5000], "too_large"),
    ] {
        let mut stream = transport::connect(&address).await.unwrap();
        stream.write_all(&sent).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
    }
    assert_eq!(
        service.client().await.call(Request::Resume).await.unwrap(),
        Reply::Done
    );
    service.end().await;
}

#[tokio::test]
async fn a_face_too_many_waits_until_another_leaves() {
    let limits = Limits {
        connections_max: 1,
        ..Limits::default()
    };
    let service = Running::start(Vec::new(), limits).await;
    let first = service.client().await;
    assert_eq!(first.call(Request::Resume).await.unwrap(), Reply::Done);
    let second = service.client().await;
    let waiting = second.call(Request::Resume);
    tokio::pin!(waiting);
    tokio::select! {
        _ = &mut waiting => panic!("there was no place"),
        reply = first.call(Request::Resume) => assert_eq!(reply.unwrap(), Reply::Done),
    }
    drop(first);
    assert_eq!(waiting.await.unwrap(), Reply::Done);
    service.end().await;
}
