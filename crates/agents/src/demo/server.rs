//! The agent's side of the protocol.

use std::{collections::HashMap, io, path::PathBuf};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    Surroundings,
    peer::{self, Gone, Peer},
    progress::Progress,
    steps::{self, Turn},
};
use crate::lines::{Lines, WIRE_LINE_BYTES_MAX};

/// How much it does without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Asks before it runs something or writes outside of its folder.
    Asking,
    /// Asks before it changes anything at all.
    ReadOnly,
    /// Never asks.
    Auto,
}

impl Mode {
    const ALL: [(Self, &'static str, &'static str, &'static str); 3] = [
        (Self::Asking, "default", "Ask", "Asks before it acts"),
        (
            Self::ReadOnly,
            "read-only",
            "Read only",
            "Asks before it changes anything",
        ),
        (Self::Auto, "auto", "Auto", "Never asks"),
    ];

    fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, id, ..)| *id == name);
        found.map(|(mode, ..)| *mode)
    }
}

const PARSE_ERROR: i64 = -32700;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const RESOURCE_NOT_FOUND: i64 = -32002;

/// What the client can do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Client {
    pub(super) takes_forms: bool,
    pub(super) takes_output: bool,
}

struct Session {
    folder: PathBuf,
    progress: Progress,
    mode: Mode,
    cancel: CancellationToken,
}

struct Server {
    peer: Peer,
    surroundings: Surroundings,
    client: Client,
    sessions: HashMap<String, Session>,
    turns: JoinSet<()>,
}

pub(super) async fn serve<R, W>(stdin: R, stdout: W, surroundings: Surroundings) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (peer, write) = peer::connect(stdout);
    let mut writer = JoinSet::new();
    writer.spawn(write);
    let mut server = Server {
        peer: peer.clone(),
        surroundings,
        client: Client::default(),
        sessions: HashMap::new(),
        turns: JoinSet::new(),
    };
    let mut lines = Lines::new(stdin, WIRE_LINE_BYTES_MAX);
    while let Some(line) = lines.next().await? {
        if line.text.trim().is_empty() {
            continue;
        }
        let Ok(message) = serde_json::from_str::<Value>(&line.text) else {
            let error = error(PARSE_ERROR, "this is no message");
            if peer.respond(&Value::Null, Err(error)).await.is_err() {
                break;
            }
            continue;
        };
        if server.take(&message).await.is_err() {
            break;
        }
    }
    // Nobody waits for the rest: what still runs ends here.
    server.turns.shutdown().await;
    drop(server);
    peer.flushed().await;
    Ok(())
}

impl Server {
    async fn take(&mut self, message: &Value) -> Result<(), Gone> {
        // Finished turns are let go, so that their number stays bounded.
        while self.turns.try_join_next().is_some() {}
        let Some(method) = message["method"].as_str() else {
            self.peer.settle(message);
            return Ok(());
        };
        let parameters = &message["params"];
        let Some(id) = message.get("id").filter(|id| !id.is_null()) else {
            if method == "session/cancel" {
                self.cancel(parameters);
            }
            return Ok(());
        };
        let answer = match method {
            "initialize" => Ok(self.initialize(parameters)),
            "authenticate" => Ok(json!({})),
            "session/new" => self.open(parameters),
            "session/load" => self.load(parameters),
            "session/set_mode" => self.set_mode(parameters),
            "session/prompt" => match self.prompt(id, parameters) {
                Ok(()) => return Ok(()),
                Err(error) => Err(error),
            },
            other => Err(error(METHOD_NOT_FOUND, format!("{other} is not known"))),
        };
        self.peer.respond(id, answer).await
    }

    fn initialize(&mut self, parameters: &Value) -> Value {
        let told = &parameters["clientCapabilities"];
        self.client = Client {
            takes_forms: told["elicitation"]["form"].is_object(),
            takes_output: told["_meta"]["terminal_output"] == true,
        };
        json!({
            "protocolVersion": 1,
            "agentCapabilities": {
                "loadSession": true,
                "promptCapabilities": {"embeddedContext": true},
            },
            "agentInfo": {
                "name": "coord-demo",
                "title": "Demo agent",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "authMethods": [],
        })
    }

    fn open(&mut self, parameters: &Value) -> Result<Value, Value> {
        let folder = folder_of(parameters)?;
        let id = uuid::Uuid::now_v7().to_string();
        let progress = Progress::new(&self.surroundings.state_in(&folder), &id);
        let mut answer = self.keep(&id, folder, progress);
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("sessionId".to_owned(), Value::from(id));
        }
        Ok(answer)
    }

    fn load(&mut self, parameters: &Value) -> Result<Value, Value> {
        let folder = folder_of(parameters)?;
        let id = parameters["sessionId"].as_str().unwrap_or_default();
        let progress = Progress::load(&self.surroundings.state_in(&folder), id)
            .ok_or_else(|| error(RESOURCE_NOT_FOUND, format!("there is no session {id}")))?;
        Ok(self.keep(id, folder, progress))
    }

    fn keep(&mut self, id: &str, folder: PathBuf, progress: Progress) -> Value {
        self.sessions.insert(
            id.to_owned(),
            Session {
                folder,
                progress,
                mode: Mode::Asking,
                cancel: CancellationToken::new(),
            },
        );
        let modes: Vec<Value> = Mode::ALL
            .iter()
            .map(|(_, id, name, does)| json!({"id": id, "name": name, "description": does}))
            .collect();
        json!({"modes": {"currentModeId": "default", "availableModes": modes}})
    }

    fn set_mode(&mut self, parameters: &Value) -> Result<Value, Value> {
        let session = self.session(parameters)?;
        let name = parameters["modeId"].as_str().unwrap_or_default();
        session.mode =
            Mode::named(name).ok_or_else(|| error(INVALID_PARAMS, "there is no such mode"))?;
        Ok(json!({}))
    }

    fn cancel(&mut self, parameters: &Value) {
        if let Ok(session) = self.session(parameters) {
            session.cancel.cancel();
        }
    }

    fn prompt(&mut self, id: &Value, parameters: &Value) -> Result<(), Value> {
        let (peer, client) = (self.peer.clone(), self.client);
        let surroundings = self.surroundings.clone();
        let session = self.session(parameters)?;
        let words: Vec<&str> = parameters["prompt"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter_map(|block| block["text"].as_str())
            .collect();
        let told = words.join("\n");
        let instructions = crate::prompt::instructions_in(&told).to_owned();
        // A new one, so that a cancelled session takes another prompt.
        session.cancel = CancellationToken::new();
        let turn = Turn {
            peer: peer.clone(),
            client,
            session: parameters["sessionId"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            told,
            output: surroundings.output_in(&session.folder),
            folder: session.folder.clone(),
            mode: session.mode,
            cancel: session.cancel.clone(),
        };
        let (id, progress) = (id.clone(), session.progress.clone());
        self.turns.spawn(async move {
            let answer = steps::perform(turn, &instructions, progress).await;
            let told = peer.respond(&id, answer).await;
            tracing::debug!(ok = told.is_ok(), "a turn ended");
        });
        Ok(())
    }

    fn session(&mut self, parameters: &Value) -> Result<&mut Session, Value> {
        let id = parameters["sessionId"].as_str().unwrap_or_default();
        self.sessions
            .get_mut(id)
            .ok_or_else(|| error(RESOURCE_NOT_FOUND, format!("there is no session {id}")))
    }
}

fn folder_of(parameters: &Value) -> Result<PathBuf, Value> {
    let folder = PathBuf::from(parameters["cwd"].as_str().unwrap_or_default());
    if folder.is_absolute() && folder.is_dir() {
        Ok(folder)
    } else {
        Err(error(INVALID_PARAMS, "cwd has to be an existing folder"))
    }
}

pub(super) fn error(code: i64, message: impl Into<String>) -> Value {
    json!({"code": code, "message": message.into()})
}
