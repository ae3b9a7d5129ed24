//! One tray and one window a user and data directory: whoever comes second
//! hands its wish to the first.
//!
//! A seat is a lock, which the system frees however its holder ends, and a
//! socket beside it in the user's own folder, on which wishes arrive as lines.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use interprocess::local_socket::{
    ListenerOptions, Name,
    tokio::{Stream, prelude::*},
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    sync::mpsc,
    time::timeout,
};

use crate::{page::Page, place::Place};

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const WISH_MAX_BYTES: u64 = 4096;

/// Which of the app's two processes a seat is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The tray.
    Tray,
    /// The window.
    Window,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Tray => "tray",
            Self::Window => "window",
        }
    }
}

/// What one process of the app asks of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub(crate) enum Wish {
    /// Bring the window forward, at a page.
    Show {
        /// Which.
        page: Page,
    },
    /// Start the service if it does not run.
    StartService,
    /// End.
    Leave {
        /// Whether to stay until the service has finished its jobs.
        when_finished: bool,
    },
}

/// The right to be the tray or the window.
#[derive(Debug)]
pub(crate) struct Seat {
    // Held for its lock.
    _lock: File,
    listener: interprocess::local_socket::tokio::Listener,
}

impl Seat {
    /// Takes the seat; none when another process has it.
    pub(crate) fn take(place: &Place, role: Role) -> io::Result<Option<Self>> {
        let path = place.runtime().join(format!("{}.lock", role.name()));
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let listener = ListenerOptions::new()
            .name(socket_name(place.runtime(), role.name())?)
            .try_overwrite(true)
            .create_tokio()?;
        Ok(Some(Self {
            _lock: lock,
            listener,
        }))
    }

    /// Takes wishes until nobody listens any more.
    pub(crate) async fn serve(self, wishes: mpsc::Sender<Wish>) {
        while !wishes.is_closed() {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = wishes.closed() => return,
            };
            let heard = match accepted {
                Ok(stream) => timeout(ANSWER_WITHIN, hear(stream, &wishes)).await,
                Err(error) => Ok(Err(error)),
            };
            match heard {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a wish could not be read"),
                Err(_) => tracing::warn!("a wish did not arrive in time"),
            }
        }
    }
}

async fn hear(stream: Stream, wishes: &mpsc::Sender<Wish>) -> io::Result<()> {
    let (read, mut write) = (&stream, &stream);
    let mut line = String::new();
    let mut read = BufReader::new(read.take(WISH_MAX_BYTES));
    read.read_line(&mut line).await?;
    let wish: Wish = serde_json::from_str(&line)?;
    wishes
        .send(wish)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
    write.write_all(b"ok\n").await
}

/// Hands `wish` to the process on the seat of `role`; an error when there is none.
pub(crate) async fn tell(place: &Place, role: Role, wish: &Wish) -> io::Result<()> {
    let mut line = serde_json::to_string(wish)?;
    line.push('\n');
    let name = socket_name(place.runtime(), role.name())?;
    let exchange = async {
        let stream = Stream::connect(name).await?;
        let (read, mut write) = (&stream, &stream);
        write.write_all(line.as_bytes()).await?;
        let mut answer = String::new();
        BufReader::new(read.take(WISH_MAX_BYTES))
            .read_line(&mut answer)
            .await?;
        if answer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    };
    timeout(ANSWER_WITHIN, exchange)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

#[cfg(unix)]
fn socket_name(folder: &Path, name: &str) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName as _};

    folder
        .join(format!("{name}.sock"))
        .to_fs_name::<GenericFilePath>()
}

/// A pipe has no folder; the digest in the folder's name tells users and data apart.
#[cfg(windows)]
fn socket_name(folder: &Path, name: &str) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericNamespaced, ToNsName as _};

    let digest = folder.file_name().unwrap_or_default().to_string_lossy();
    format!("coord-{digest}-{name}").to_ns_name::<GenericNamespaced>()
}

#[cfg(test)]
mod tests {
    use tokio_util::task::TaskTracker;

    use super::*;

    #[tokio::test]
    async fn the_second_to_come_hands_its_wish_to_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::at(dir.path()).unwrap();
        let wish = Wish::Show {
            page: Page::Settings,
        };
        assert!(tell(&place, Role::Window, &wish).await.is_err());

        let seat = Seat::take(&place, Role::Window).unwrap().unwrap();
        assert!(Seat::take(&place, Role::Window).unwrap().is_none());
        assert!(Seat::take(&place, Role::Tray).unwrap().is_some());

        let (sender, mut wishes) = mpsc::channel(1);
        let tasks = TaskTracker::new();
        tasks.spawn(seat.serve(sender));
        tell(&place, Role::Window, &wish).await.unwrap();
        assert_eq!(wishes.recv().await, Some(wish));

        drop(wishes);
        tasks.close();
        tasks.wait().await;
        assert!(Seat::take(&place, Role::Window).unwrap().is_some());
    }

    #[tokio::test]
    async fn nonsense_on_the_socket_disturbs_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::at(dir.path()).unwrap();
        let seat = Seat::take(&place, Role::Tray).unwrap().unwrap();
        let (sender, mut wishes) = mpsc::channel(1);
        let tasks = TaskTracker::new();
        tasks.spawn(seat.serve(sender));

        let name = socket_name(place.runtime(), "tray").unwrap();
        let stream = Stream::connect(name).await.unwrap();
        (&stream)
            .write_all(b"{\"wish\":\"explode\"}\n")
            .await
            .unwrap();
        tell(&place, Role::Tray, &Wish::StartService).await.unwrap();
        assert_eq!(wishes.recv().await, Some(Wish::StartService));
    }
}
