//! One connection, from its beginning to its end.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use super::{Fault, Shared, doubling};

/// Bytes that are passed on at once when nothing slows them.
const PIECE_BYTES: usize = 16 * 1024;
const SLOW_BYTES: usize = 256;
const SLOW_PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

/// It is not passed on any further.
struct Broken;

impl From<std::io::Error> for Broken {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

/// Passes on what comes until it ends, breaks, or is broken.
pub(super) async fn carry(client: TcpStream, shared: &Shared) {
    if client.set_nodelay(true).is_err() || shared.fault() == Some(Fault::Cut) {
        return;
    }
    let mut fault = shared.fault.subscribe();
    let (from_client, to_client) = client.into_split();
    let whole = async {
        // While nothing comes through, nobody is asked on the other side either.
        if shared.fault() == Some(Fault::HalfOpen) {
            return swallow(from_client, shared).await;
        }
        let server = shared.connect().await.ok_or(Broken)?;
        let (from_server, to_server) = tokio::io::split(server);
        let there = async {
            if shared.fault() == Some(Fault::Doubled) {
                doubling::there(from_client, to_server, shared).await?;
                return Ok(());
            }
            pump(from_client, to_server, shared, Way::There).await
        };
        let back = pump(from_server, to_client, shared, Way::Back);
        tokio::try_join!(there, back)?;
        Ok::<(), Broken>(())
    };
    let ended = tokio::select! {
        ended = whole => ended,
        _ = fault.wait_for(|fault| *fault == Some(Fault::Cut)) => Err(Broken),
    };
    if ended.is_err() {
        shared.broken.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes whatever comes, and gives nothing, until the other side gives up.
async fn swallow(mut from: impl AsyncRead + Unpin, shared: &Shared) -> Result<(), Broken> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match from.read(&mut piece).await? {
            0 => return Err(Broken),
            count => note_swallowed(shared, count),
        }
    }
}

fn note_swallowed(shared: &Shared, count: usize) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    shared.swallowed.fetch_add(count, Ordering::Relaxed);
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: &Shared,
    way: Way,
) -> Result<(), Broken> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = from.read(&mut piece).await?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else {
            to.shutdown().await?;
            return Ok(());
        };
        match shared.fault() {
            Some(Fault::Cut) => return Err(Broken),
            // What was swallowed is missing: nothing that comes later may follow it.
            Some(Fault::HalfOpen) => {
                note_swallowed(shared, count);
                return swallow(from, shared).await;
            }
            Some(Fault::ReplyLost) if way == Way::Back => {
                shared.replies_lost.fetch_add(1, Ordering::Relaxed);
                return Err(Broken);
            }
            Some(Fault::Slow) => {
                for few in bytes.chunks(SLOW_BYTES) {
                    sleep(SLOW_PAUSE).await;
                    to.write_all(few).await?;
                }
            }
            Some(Fault::Late(by)) => {
                sleep(by).await;
                to.write_all(bytes).await?;
            }
            Some(Fault::ReplyLost | Fault::Doubled) | None => to.write_all(bytes).await?,
        }
    }
}
