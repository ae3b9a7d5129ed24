//! Mail to people: queued, handed to the configured server, and tried again for a while.
//!
//! A mail is a hint with a link; whatever it says can be asked for again. So the
//! queue lives in memory, and what cannot be delivered is logged and dropped.

mod delivery;

use lettre::message::Mailbox;
use protocol::error::ErrorCode;
use tokio::sync::mpsc;

pub(crate) use delivery::Outgoing;

use crate::{
    config::{ConfigError, MailConfig},
    error::ApiError,
};

/// Most mails that wait.
const QUEUE_MAX: usize = 256;

/// One mail, as plain text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The address to which it goes.
    pub(crate) to: String,
    /// What stands above it.
    pub(crate) subject: String,
    /// What it says; it may hold a link that is as good as a password.
    pub(crate) text: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Why a mail was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotQueued {
    /// There is no `[mail]` in the settings.
    #[error("this coordinator cannot send mail")]
    NotConfigured,
    /// Too many wait already.
    #[error("too many mails wait to be sent")]
    QueueFull,
}

impl From<NotQueued> for ApiError {
    fn from(error: NotQueued) -> Self {
        match error {
            NotQueued::NotConfigured => {
                Self::new(ErrorCode::Unavailable, "This coordinator cannot send mail.")
                    .hint("Its operator can set that up under [mail] in coordinator.toml.")
            }
            NotQueued::QueueFull => {
                Self::new(ErrorCode::Unavailable, "Too many mails wait to be sent.")
                    .hint("Try again in a minute.")
                    .retry_after(60)
            }
        }
    }
}

/// Where mails are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    queue: Option<mpsc::Sender<Message>>,
}

impl Mail {
    /// The queue's both ends; without settings, mail cannot be sent.
    pub(crate) fn open(
        config: Option<&MailConfig>,
    ) -> Result<(Self, Option<Outgoing>), ConfigError> {
        let Some(config) = config else {
            return Ok((Self { queue: None }, None));
        };
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let outgoing = Outgoing::open(config, waiting)?;
        Ok((Self { queue: Some(queue) }, Some(outgoing)))
    }

    /// Whether mail can be sent.
    pub(crate) const fn is_configured(&self) -> bool {
        self.queue.is_some()
    }

    /// Queues a mail; it is delivered in the background.
    pub(crate) fn send(&self, message: Message) -> Result<(), NotQueued> {
        let queue = self.queue.as_ref().ok_or(NotQueued::NotConfigured)?;
        queue.try_send(message).map_err(|_| NotQueued::QueueFull)
    }
}

/// Reads whom mail comes from.
fn sender(text: &str) -> Result<Mailbox, ConfigError> {
    text.parse().map_err(|_| ConfigError::Setting {
        setting: "[mail] from",
        reason: format!("`{text}` is no mail address; write one like `Coord <coord@example.com>`"),
    })
}
