//! A proxy on loopback that does to connections what networks do to them.
//!
//! It stands between a runner and its coordinators, or between a coordinator and
//! its database. Without a fault it passes on whatever comes; each new connection
//! goes to the next target that answers, as behind a balancer.

mod carry;
mod doubling;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixStream},
    runtime::Runtime,
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// Where connections go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// What a network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Every connection breaks, and no new one is made.
    Cut,
    /// Connections stay open, and nothing comes through: what is sent is swallowed.
    HalfOpen,
    /// A few hundred bytes at a time.
    Slow,
    /// Everything comes later.
    Late(Duration),
    /// What is asked arrives; the connection breaks with the first byte of the answer.
    ReplyLost,
    /// Every `POST` arrives twice, the second time over a connection of its own.
    Doubled,
}

/// What a proxy did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Connections that were broken by it.
    pub broken: u64,
    /// Answers that were lost.
    pub replies_lost: u64,
    /// Requests that were sent twice.
    pub doubled: u64,
    /// Bytes that were swallowed.
    pub swallowed: u64,
}

/// A proxy; it ends when it is dropped, with all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    targets: Mutex<Vec<Target>>,
    turn: AtomicUsize,
    fault: watch::Sender<Option<Fault>>,
    broken: AtomicU64,
    replies_lost: AtomicU64,
    doubled: AtomicU64,
    swallowed: AtomicU64,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
type Stream = Box<dyn Duplex>;

/// All proxies of a process share the threads on which they pass on.
fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    Ok(RUNTIME.get_or_init(|| made))
}

impl Proxy {
    /// Listens on a port of its own, and passes on to `targets`.
    pub fn start(targets: Vec<Target>) -> io::Result<Self> {
        let runtime = runtime()?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            targets: Mutex::new(targets),
            turn: AtomicUsize::new(0),
            fault: watch::Sender::new(None),
            broken: AtomicU64::new(0),
            replies_lost: AtomicU64::new(0),
            doubled: AtomicU64::new(0),
            swallowed: AtomicU64::new(0),
        });
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let accepting = runtime.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the address of a coordinator.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// New connections go to these from now on; those that are open stay where they are.
    pub fn set_targets(&self, targets: Vec<Target>) {
        *self.shared.targets() = targets;
    }

    /// Does this from now on, or nothing.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.shared.fault.send_replace(fault);
    }

    /// What it does now.
    pub fn fault(&self) -> Option<Fault> {
        *self.shared.fault.borrow()
    }

    /// What it did so far.
    pub fn done(&self) -> Done {
        Done {
            broken: self.shared.broken.load(Ordering::Relaxed),
            replies_lost: self.shared.replies_lost.load(Ordering::Relaxed),
            doubled: self.shared.doubled.load(Ordering::Relaxed),
            swallowed: self.shared.swallowed.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn targets(&self) -> MutexGuard<'_, Vec<Target>> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self) -> Option<Fault> {
        *self.fault.borrow()
    }

    /// A connection to the next target that answers.
    async fn connect(&self) -> Option<Stream> {
        let targets = self.targets().clone();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        for step in 0..targets.len() {
            let Some(target) = targets.get((turn + step) % targets.len()) else {
                continue;
            };
            if let Ok(stream) = open(target).await {
                return Some(stream);
            }
        }
        None
    }
}

async fn open(target: &Target) -> io::Result<Stream> {
    Ok(match target {
        Target::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
        Target::Unix(path) => Box::new(UnixStream::connect(path).await?),
    })
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                open.spawn(async move { carry::carry(client, &shared).await });
            }
            Some(_) = open.join_next() => {}
        }
    }
}
