//! Hands queued mails to the mail server, a few at once.

use std::{error::Error as _, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Message, sender};
use crate::{
    config::{ConfigError, MailConfig, MailTls, read_secret},
    metrics,
};

/// How many are handed over at once.
const AT_ONCE_MAX: usize = 4;
/// How long one try may take.
const TRY_MAX: Duration = Duration::from_mins(1);
/// How long the server may take for one answer.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// Pauses between tries; after the last one the mail is given up.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
];

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The end of the queue that delivers.
pub(crate) struct Outgoing {
    transport: Transport,
    from: Mailbox,
    waiting: mpsc::Receiver<Message>,
}

/// Why one try failed.
enum Failed {
    /// Another try may succeed.
    ForNow(String),
    /// No other try will.
    ForGood(String),
}

impl Outgoing {
    /// Reads what is needed to reach the server; it is reached with the first mail.
    pub(super) fn open(
        config: &MailConfig,
        waiting: mpsc::Receiver<Message>,
    ) -> Result<Self, ConfigError> {
        let from = sender(&config.from)?;
        let mut builder = Transport::builder_dangerous(&config.host)
            .port(config.port())
            .timeout(Some(ANSWER_MAX))
            .tls(tls_of(config)?);
        if let Some(user) = &config.user {
            let password = read_secret("[mail] password_file", config.password_file.as_deref())?;
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self {
            transport: builder.build(),
            from,
            waiting,
        })
    }

    /// Delivers until the coordinator stops; what waits then gets one more try.
    pub(crate) async fn deliver(mut self, stopping: CancellationToken) {
        let mut under_way = JoinSet::new();
        let mut is_open = true;
        loop {
            tokio::select! {
                () = stopping.cancelled(), if !self.waiting.is_closed() => self.waiting.close(),
                message = self.waiting.recv(), if is_open && under_way.len() < AT_ONCE_MAX => {
                    match message {
                        Some(message) => {
                            let (transport, from) = (self.transport.clone(), self.from.clone());
                            under_way.spawn(send(transport, from, message, stopping.clone()));
                        }
                        None => is_open = false,
                    }
                }
                Some(ended) = under_way.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "sending a mail broke off inside the program");
                    }
                }
                else => break,
            }
        }
    }
}

fn tls_of(config: &MailConfig) -> Result<Tls, ConfigError> {
    let parameters = || {
        TlsParameters::new(config.host.clone()).map_err(|error| ConfigError::Setting {
            setting: "[mail] tls",
            reason: format!("TLS with `{}` cannot be set up: {error}", config.host),
        })
    };
    let is_here = matches!(config.host.as_str(), "localhost" | "127.0.0.1" | "::1");
    match config.tls {
        MailTls::StartTls => parameters().map(Tls::Required),
        MailTls::Tls => parameters().map(Tls::Wrapper),
        MailTls::None if config.user.is_some() && !is_here => Err(ConfigError::Setting {
            setting: "[mail] tls",
            reason: "a password would travel unencrypted; use `starttls` or `tls`, or leave \
                     `user` out"
                .to_owned(),
        }),
        MailTls::None => Ok(Tls::None),
    }
}

/// Tries until it is handed over, given up, or the coordinator stops.
async fn send(transport: Transport, from: Mailbox, message: Message, stopping: CancellationToken) {
    let mut pauses = PAUSES.into_iter();
    loop {
        let reason = match attempt(&transport, &from, &message).await {
            Ok(()) => {
                metrics::mail_sent("sent");
                return;
            }
            Err(Failed::ForGood(reason)) => return given_up(&message, &reason),
            Err(Failed::ForNow(reason)) => reason,
        };
        let Some(pause) = pauses.next() else {
            return given_up(&message, &reason);
        };
        tracing::warn!(to = message.to, %reason, "a mail was not taken; it is tried again");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stopping.cancelled() => return given_up(&message, &reason),
        }
    }
}

fn given_up(message: &Message, reason: &str) {
    metrics::mail_sent("given_up");
    tracing::error!(
        to = message.to,
        subject = message.subject,
        reason,
        "a mail could not be sent and is given up"
    );
}

async fn attempt(transport: &Transport, from: &Mailbox, message: &Message) -> Result<(), Failed> {
    let to = message
        .to
        .parse()
        .map_err(|error: lettre::address::AddressError| Failed::ForGood(error.to_string()))?;
    let mail = lettre::Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(&message.subject)
        .message_id(None)
        .header(ContentType::TEXT_PLAIN)
        .body(message.text.clone())
        .map_err(|error| Failed::ForGood(error.to_string()))?;
    match tokio::time::timeout(TRY_MAX, transport.send(mail)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            let mut reason = error.to_string();
            if let Some(source) = error.source() {
                reason = format!("{reason}: {source}");
            }
            Err(if error.is_permanent() {
                Failed::ForGood(reason)
            } else {
                Failed::ForNow(reason)
            })
        }
        Err(_) => Err(Failed::ForNow(format!(
            "the mail server took longer than {} s",
            TRY_MAX.as_secs()
        ))),
    }
}
