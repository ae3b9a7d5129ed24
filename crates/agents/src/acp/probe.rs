//! Getting to know an agent without giving it work: it is started, says what it
//! can, begins a session in an empty folder, and is ended.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use process::{Child, Program};
use protocol::{job::FailureClass, runner::PermissionLevel};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWriteExt as _},
    time::timeout,
};

use super::{errors, handshake, mode, mode::Modes, wire::Habits};
use crate::{
    driver::Lookout,
    failure,
    lines::{Lines, STDERR_LINE_BYTES_MAX, WIRE_LINE_BYTES_MAX},
    text,
};

/// Time that the agent has to leave by itself.
const LEAVE_GRACE: Duration = Duration::from_secs(2);
/// How many of the last lines of error output are told.
const STDERR_LINES_TOLD: usize = 5;
/// How long the rest of the error output is waited for.
const STDERR_PATIENCE: Duration = Duration::from_millis(500);

/// How long an agent that tells how it is signed in may take for it.
const STANDING_PATIENCE: Duration = Duration::from_secs(5);
/// How many modes and models are told.
const OFFERED_MAX: usize = 50;
/// No call has this number: reading on to something else than an answer.
const NEVER: i64 = -1;

/// What an agent says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Introduction {
    /// Its own name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Whether a session can be taken up again.
    pub resumes: bool,
    /// Its ways to sign in, for people.
    pub sign_ins: Vec<String>,
    /// Whether it says that somebody is signed in; none when it says nothing of it.
    pub signed_in: Option<bool>,
    /// The kind of account, as it says.
    pub account: Option<String>,
    /// Whether it wants a sign-in before a session; its words.
    pub signed_out: Option<String>,
    /// The modes that it offers.
    pub modes: Vec<String>,
    /// The mode in which jobs would run; none when it has no modes.
    pub mode: Option<String>,
    /// The models that it offers.
    pub models: Vec<String>,
    /// Why jobs cannot be given to it as it is.
    pub problem: Option<String>,
}

/// How an agent stands with its account, where it tells of that by itself.
#[derive(Debug, Default)]
struct Standing {
    kind: Option<String>,
    label: Option<String>,
}

impl Standing {
    fn hear(&mut self, message: &Value) {
        if message["method"] != "_auth/status_update" {
            return;
        }
        let status = &message["params"]["authStatus"];
        self.kind = status["kind"].as_str().map(str::to_owned);
        self.label = status["label"].as_str().map(text::title);
    }

    fn tell(self, agent: &str, told: &mut Introduction) {
        let Some(kind) = self.kind else {
            return;
        };
        told.signed_in = Some(kind != "none");
        if kind == "none" {
            let words = self.label.unwrap_or_else(|| "not signed in".to_owned());
            told.signed_out.get_or_insert(format!("{agent}: {words}"));
        } else {
            // Of the label nothing is taken: it may hold an address.
            told.account = Some(match kind.as_str() {
                "api_key" => "API key".to_owned(),
                kind => kind.replace('_', " "),
            });
        }
    }
}

/// An agent at its introduction.
pub(super) struct Host<'a> {
    /// Its product name.
    pub(super) title: &'a str,
    /// The mode that its owner chose.
    pub(super) mode: Option<&'a str>,
    /// Where it is started.
    pub(super) folder: &'a Path,
    /// How long all of it may take.
    pub(super) patience: Duration,
}

/// A private folder in which nothing is: agents read settings from where they are started.
pub(super) fn empty_folder(lookout: &Lookout) -> std::io::Result<PathBuf> {
    let cache = ["XDG_CACHE_HOME", "LOCALAPPDATA"]
        .iter()
        .filter_map(|name| lookout.variable(name).map(PathBuf::from))
        .find(|path| path.is_absolute())
        .or_else(|| lookout.home().map(|home| home.join(".cache")));
    let folder = cache.map_or_else(
        || std::env::temp_dir().join(format!("coord-probe-{}", uuid::Uuid::now_v7())),
        // Always the same: agents remember every folder that they were started in.
        |cache| cache.join("coord").join("probe"),
    );
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

impl Host<'_> {
    /// Starts `program`, hears what it says of itself, and ends it.
    pub(super) async fn introduced(&self, program: &Program) -> Result<Introduction, String> {
        let mut child = program.start().map_err(|error| failure::chain(&error))?;
        let told = match timeout(self.patience, self.ask(&mut child)).await {
            Ok(told) => told,
            Err(_) => Err(format!(
                "{} did not get ready within {} s",
                self.title,
                self.patience.as_secs()
            )),
        };
        let told = match told {
            Ok(told) => Ok(told),
            Err(why) => Err(with_last_words(why, &mut child).await),
        };
        child.end(LEAVE_GRACE).await;
        told
    }

    async fn ask(&self, child: &mut Child) -> Result<Introduction, String> {
        let closed = || format!("{} was started without its pipes", self.title);
        let mut stdin = child.take_stdin().ok_or_else(closed)?;
        let stdout = child.take_stdout().ok_or_else(closed)?;
        let mut lines = Lines::new(stdout, WIRE_LINE_BYTES_MAX);
        let mut standing = Standing::default();
        let mut call = async |id: i64, method: &str, parameters: Value| {
            let message =
                json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters});
            // A program that is gone already says why on its other pipe.
            drop(stdin.write_all(format!("{message}\n").as_bytes()).await);
            drop(stdin.flush().await);
            self.response(&mut lines, id, &mut standing).await
        };
        let initialized = call(1, "initialize", handshake::introduction()).await?;
        let result = initialized.map_err(|error| errors::of(self.title, &error).message)?;
        let mut told = self.initialized(&result)?;
        let tells_standing = result["agentCapabilities"]["_meta"]["authStatus"].is_object();
        let parameters = json!({"cwd": self.folder, "mcpServers": []});
        match call(2, "session/new", parameters).await? {
            Ok(offer) => self.offered(&offer, &mut told),
            Err(error) => {
                let failure = errors::of(self.title, &error);
                if failure.class != FailureClass::Auth {
                    return Err(failure.message);
                }
                told.signed_out = Some(failure.message);
            }
        }
        if tells_standing && standing.kind.is_none() && told.signed_out.is_none() {
            // It comes by itself, a little before or after the session.
            let hear = self.response(&mut lines, NEVER, &mut standing);
            drop(timeout(STANDING_PATIENCE, hear).await);
        }
        standing.tell(self.title, &mut told);
        Ok(told)
    }

    /// Reads on to the answer to call `id`.
    async fn response<R: AsyncRead + Unpin>(
        &self,
        lines: &mut Lines<R>,
        id: i64,
        standing: &mut Standing,
    ) -> Result<Result<Value, Value>, String> {
        loop {
            let line = lines.next().await.map_err(|error| error.to_string())?;
            let Some(line) = line else {
                return Err(format!("{} ended without an answer", self.title));
            };
            let Ok(message) = serde_json::from_str::<Value>(&line.text) else {
                continue;
            };
            standing.hear(&message);
            if id == NEVER && standing.kind.is_some() {
                return Ok(Ok(Value::Null));
            }
            if message["id"] != id || message["method"].is_string() {
                continue;
            }
            return Ok(
                match message.get("error").filter(|error| !error.is_null()) {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                },
            );
        }
    }

    fn initialized(&self, result: &Value) -> Result<Introduction, String> {
        handshake::check_version(self.title, result).map_err(|failure| failure.message)?;
        let about = &result["agentInfo"];
        let text = |value: &Value| value.as_str().map(text::title);
        Ok(Introduction {
            name: text(&about["title"]).or_else(|| text(&about["name"])),
            version: text(&about["version"]),
            resumes: handshake::can_load(result) || handshake::can_resume(result),
            sign_ins: handshake::sign_ins(result),
            ..Introduction::default()
        })
    }

    fn offered(&self, offer: &Value, told: &mut Introduction) {
        let modes = Modes::read(offer);
        if !modes.offered.is_empty() || self.mode.is_some() {
            let habits = Habits {
                mode: self.mode.map(str::to_owned),
                ..Habits::default()
            };
            match modes.choose(self.title, &habits, PermissionLevel::Ask) {
                Ok(setting) => told.mode = Some(setting.mode().to_owned()),
                Err(why) => told.problem = Some(why),
            }
        }
        told.modes = modes.offered;
        told.modes.truncate(OFFERED_MAX);
        told.models = mode::models(offer);
        told.models.truncate(OFFERED_MAX);
    }
}

#[cfg(test)]
impl Host<'static> {
    /// The introduction of an agent that answers so.
    pub(super) fn of_answers(greeting: &Value, offer: &Value) -> Result<Introduction, String> {
        let host = Self {
            title: "Agent",
            mode: None,
            folder: Path::new("/job"),
            patience: Duration::ZERO,
        };
        let mut told = host.initialized(greeting)?;
        host.offered(offer, &mut told);
        Ok(told)
    }
}

/// Adds the last of what the program printed beside its protocol.
async fn with_last_words(why: String, child: &mut Child) -> String {
    let Some(stderr) = child.take_stderr() else {
        return why;
    };
    let mut lines = Lines::new(stderr, STDERR_LINE_BYTES_MAX);
    let mut last: Vec<String> = Vec::new();
    while let Ok(Ok(Some(line))) = timeout(STDERR_PATIENCE, lines.next()).await {
        if !line.text.trim().is_empty() {
            last.push(line.text);
        }
        if last.len() > STDERR_LINES_TOLD {
            last.remove(0);
        }
    }
    let status = child.status().map(|status| format!(" ({status})"));
    let why = format!("{why}{}", status.unwrap_or_default());
    if last.is_empty() {
        why
    } else {
        format!("{why}: {}", text::shortened(&last.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(kind: &str) -> Introduction {
        let mut standing = Standing::default();
        standing.hear(&json!({
            "method": "_auth/status_update",
            "params": {"authStatus": {"kind": kind, "label": "Of ada@example.com"}},
        }));
        let mut told = Introduction::default();
        standing.tell("Agent", &mut told);
        told
    }

    #[test]
    fn an_agent_may_say_how_it_is_signed_in() {
        let told = standing("api_key");
        assert_eq!(told.signed_in, Some(true));
        assert_eq!(told.account.as_deref(), Some("API key"));
        let told = standing("none");
        assert_eq!(told.signed_in, Some(false));
        assert!(told.signed_out.is_some() && told.account.is_none());
        let mut silent = Introduction::default();
        Standing::default().tell("Agent", &mut silent);
        assert_eq!(silent, Introduction::default());
    }
}
