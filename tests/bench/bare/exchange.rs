//! HTTP over the loopback, with bodies as large as the product's and no thought behind them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Mutex, Notify},
    task::JoinSet,
    time::timeout,
};

use super::database::Database;

/// A person makes the job Ready.
pub(super) const READY: &str = "/ready";
/// The runner's sync that waits for work.
pub(super) const PARK: &str = "/park";
/// The runner's sync that lists what it was given.
pub(super) const CONFIRM: &str = "/confirm";

/// About as much as a sync and its answer hold.
const BODY_BYTES: usize = 1200;
const HEAD_BYTES_MAX: usize = 4096;
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that commits where the coordinator does.
pub(super) struct Exchange {
    address: SocketAddr,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

struct Shared {
    database: Mutex<Database>,
    waits: Notify,
    ready: Notify,
}

impl Exchange {
    /// Listens on a port of its own.
    pub(super) async fn listen(database: Database) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            database: Mutex::new(database),
            waits: Notify::new(),
            ready: Notify::new(),
        });
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            _serving: serving,
        })
    }

    /// A connection that is kept, as the product's are.
    pub(super) async fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Waits until a runner's sync has come.
    pub(super) async fn somebody_waits(&self) -> Result<()> {
        let came = timeout(PATIENCE, self.shared.waits.notified()).await;
        came.context("the bare sync did not come")
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&shared)));
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let served: Result<()> = async {
        stream.set_nodelay(true)?;
        loop {
            let head = message(&mut stream).await?;
            let path = head.split(' ').nth(1).context("a path")?;
            shared.carry_out(path).await?;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {BODY_BYTES}\r\n\r\n{}",
                "x".repeat(BODY_BYTES)
            );
            stream.write_all(answer.as_bytes()).await?;
        }
    }
    .await;
    // It ends when the other side closes; a failure before shows there.
    drop(served);
}

impl Shared {
    /// Commits as the coordinator does: the job is Ready, it is claimed, the claim is confirmed.
    async fn carry_out(&self, path: &str) -> Result<()> {
        let state = match path {
            READY => "ready",
            PARK => {
                self.waits.notify_one();
                self.ready.notified().await;
                "assigned"
            }
            CONFIRM => "held",
            other => bail!("nothing stands at {other}"),
        };
        self.database.lock().await.commit(state).await?;
        if path == READY {
            self.ready.notify_one();
        }
        Ok(())
    }
}

/// Asks, and waits for the whole answer.
pub(super) async fn ask(stream: &mut TcpStream, path: &str) -> Result<()> {
    send(stream, path).await?;
    answer(stream).await
}

/// Asks.
pub(super) async fn send(stream: &mut TcpStream, path: &str) -> Result<()> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {BODY_BYTES}\r\n\r\n{}",
        "x".repeat(BODY_BYTES)
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(())
}

/// Takes the answer in.
pub(super) async fn answer(stream: &mut TcpStream) -> Result<()> {
    let head = timeout(PATIENCE, message(stream)).await??;
    ensure!(head.starts_with("HTTP/1.1 200"), "a refusal: {head}");
    Ok(())
}

/// Reads one message to its end, and gives its head.
async fn message(stream: &mut TcpStream) -> Result<String> {
    let mut read = Vec::with_capacity(HEAD_BYTES_MAX);
    loop {
        let count = stream.read_buf(&mut read).await?;
        ensure!(count > 0, "the connection was closed");
        let end = read.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end else {
            ensure!(read.len() < HEAD_BYTES_MAX, "a head without end");
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).into_owned();
        let whole = end + 4 + BODY_BYTES;
        while read.len() < whole {
            ensure!(stream.read_buf(&mut read).await? > 0, "half a message");
        }
        return Ok(head);
    }
}
