//! A mail server on loopback that keeps what it is given, and refuses when it is told to.
//!
//! It speaks as much of SMTP (RFC 5321) as a client needs to hand a mail over.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

/// Most mails that wait to be asked for; a client waits for room.
const KEPT_MAX: usize = 64;

/// One mail, as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whom it comes from, as the envelope says.
    pub from: String,
    /// To whom it goes, as the envelope says.
    pub to: Vec<String>,
    /// Head and text, with lines as they came.
    pub content: String,
}

impl Mail {
    /// The text below the head, with soft line ends and encoded bytes undone.
    pub fn text(&self) -> String {
        let body = self.content.split_once("\n\n").map_or("", |(_, body)| body);
        if self.content.contains("quoted-printable") {
            unquoted(body)
        } else {
            body.to_owned()
        }
    }
}

/// A mail server that keeps what it is given; it ends when it is dropped.
#[derive(Debug)]
pub struct MailServer {
    address: SocketAddr,
    kept: mpsc::Receiver<Mail>,
    refusals: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl MailServer {
    /// Listens on a free port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (keep, kept) = mpsc::channel(KEPT_MAX);
        let refusals = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        let refuse = Arc::clone(&refusals);
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (keep, refuse) = (keep.clone(), Arc::clone(&refuse));
                open.spawn(async move {
                    // A client that goes away in the middle has handed nothing over.
                    converse(stream, &keep, &refuse).await.ok();
                });
            }
        });
        Ok(Self {
            address,
            kept,
            refusals,
            _tasks: tasks,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next recipient is answered with `line` instead, such as `451 Try later`.
    pub fn refuse_next(&self, line: &str) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.push(line.to_owned());
    }

    /// Waits for the next mail; none once the server has ended.
    pub async fn next(&mut self) -> Option<Mail> {
        self.kept.recv().await
    }

    /// A mail that has come and was not asked for yet.
    pub fn waiting(&mut self) -> Option<Mail> {
        self.kept.try_recv().ok()
    }
}

async fn converse(
    stream: TcpStream,
    keep: &mpsc::Sender<Mail>,
    refusals: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut mail = Mail {
        from: String::new(),
        to: Vec::new(),
        content: String::new(),
    };
    writing.write_all(b"220 mail.test ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" | "HELO" | "NOOP" | "RSET" => "250 mail.test".to_owned(),
            "MAIL" => {
                mail.from = address_in(&line);
                "250 OK".to_owned()
            }
            "RCPT" => {
                let mut refusals = refusals.lock().unwrap_or_else(PoisonError::into_inner);
                if refusals.is_empty() {
                    mail.to.push(address_in(&line));
                    "250 OK".to_owned()
                } else {
                    refusals.remove(0)
                }
            }
            "DATA" => {
                writing.write_all(b"354 Go on\r\n").await?;
                while let Some(line) = lines.next_line().await?
                    && line != "."
                {
                    mail.content
                        .push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.content.push('\n');
                }
                keep.send(mail.clone()).await.ok();
                mail.to.clear();
                mail.content.clear();
                "250 Kept".to_owned()
            }
            "QUIT" => {
                writing.write_all(b"221 Bye\r\n").await?;
                return Ok(());
            }
            _ => "502 Not here".to_owned(),
        };
        writing.write_all(answer.as_bytes()).await?;
        writing.write_all(b"\r\n").await?;
    }
    Ok(())
}

/// What stands between angle brackets.
fn address_in(line: &str) -> String {
    let from = line.find('<').map_or(0, |at| at + 1);
    let to = line.rfind('>').unwrap_or(line.len());
    line.get(from..to).unwrap_or_default().to_owned()
}

/// Undoes quoted-printable (RFC 2045 §6.7).
fn unquoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::with_capacity(joined.len());
    let mut rest = joined.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'=', Some(byte)) = (first, hex) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
