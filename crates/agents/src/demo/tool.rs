//! Files and commands, told as tool calls.

use std::{
    io,
    path::{Component, Path, PathBuf},
    time::Duration,
};

use process::{Child, Program};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{
    server::Mode,
    steps::{Stop, Turn},
};
use crate::{subject, text::Decoder};

/// How much output is sent in one message.
const OUTPUT_BYTES: usize = 8 * 1024;
/// How much output is told to clients that only take all of it each time.
const WHOLE_OUTPUT_BYTES_MAX: usize = 64 * 1024;
/// Time that a command has to end when the turn is cancelled.
const COMMAND_GRACE: Duration = Duration::from_millis(500);

impl Turn {
    /// Writes a file; outside of the job's folder, or where it only reads, when it is allowed.
    pub(super) async fn write(&self, index: usize, path: &str, text: &str) -> Result<(), Stop> {
        let target = self.folder.join(path);
        let call = edit(index, &format!("Write {path}"), &target, text);
        self.begin(&call).await?;
        let asks = self.mode == Mode::ReadOnly || !subject::is_inside(&self.folder, &target);
        if asks && !self.is_allowed(&call).await? {
            return self.declined(&call).await;
        }
        self.saved(&call, save(&target, text)).await
    }

    /// Writes a file into the output folder.
    pub(super) async fn hand_back(&self, index: usize, path: &str, text: &str) -> Result<(), Stop> {
        let target = self.output.join(path);
        let call = edit(index, &format!("Hand back {path}"), &target, text);
        self.begin(&call).await?;
        if self.mode == Mode::ReadOnly && !self.is_allowed(&call).await? {
            return self.declined(&call).await;
        }
        let plain = Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let result = if plain {
            save(&target, text)
        } else {
            Err(io::Error::other("the path leads out of the output folder"))
        };
        self.saved(&call, result).await
    }

    /// Runs a command of the shell, when it is allowed.
    pub(super) async fn run(&self, index: usize, command: &str) -> Result<(), Stop> {
        let call = json!({
            "toolCallId": format!("step-{}", index + 1),
            "title": command,
            "kind": "execute",
            "status": "pending",
            "rawInput": {"command": command},
        });
        self.begin(&call).await?;
        if !self.is_allowed(&call).await? {
            return self.declined(&call).await;
        }
        let started = shell(command)
            .inherit_environment()
            .folder(&self.folder)
            .start();
        let mut child = match started {
            Ok(child) => child,
            Err(error) => return self.end(&call, false, error.to_string()).await,
        };
        drop(child.take_stdin());
        let ran = self.while_wanted(self.follow(&call, &mut child)).await;
        let ended = child.end(COMMAND_GRACE).await;
        ran??;
        match ended.status {
            Some(status) => self.end(&call, status.success(), status.to_string()).await,
            None => {
                self.end(&call, false, "it could not be ended".to_owned())
                    .await
            }
        }
    }

    /// Passes on what a command prints until it has ended.
    async fn follow(&self, call: &Value, child: &mut Child) -> Result<(), Stop> {
        let (mut stdout, mut stderr) = (child.take_stdout(), child.take_stderr());
        let mut whole = String::new();
        let (mut out, mut err) = (vec![0; OUTPUT_BYTES], vec![0; OUTPUT_BYTES]);
        let (mut out_text, mut err_text) = (Decoder::default(), Decoder::default());
        while stdout.is_some() || stderr.is_some() {
            let text = tokio::select! {
                count = read(&mut stdout, &mut out), if stdout.is_some() => {
                    if count == 0 { stdout = None; }
                    out_text.push(out.get(..count).unwrap_or_default())
                }
                count = read(&mut stderr, &mut err), if stderr.is_some() => {
                    if count == 0 { stderr = None; }
                    err_text.push(err.get(..count).unwrap_or_default())
                }
            };
            self.print(call, &text, &mut whole).await?;
        }
        let rest = out_text.finish() + &err_text.finish();
        self.print(call, &rest, &mut whole).await?;
        child.wait().await;
        Ok(())
    }

    async fn print(&self, call: &Value, text: &str, whole: &mut String) -> Result<(), Stop> {
        let id = &call["toolCallId"];
        if text.is_empty() {
            return Ok(());
        }
        if self.client.takes_output {
            return self
                .update(json!({
                    "sessionUpdate": "tool_call_update",
                    "toolCallId": id,
                    "status": "in_progress",
                    "_meta": {"terminal_output": {"terminal_id": id, "data": text}},
                }))
                .await;
        }
        if whole.len() + text.len() > WHOLE_OUTPUT_BYTES_MAX {
            return Ok(());
        }
        whole.push_str(text);
        self.update(json!({
            "sessionUpdate": "tool_call_update",
            "toolCallId": id,
            "status": "in_progress",
            "content": [{"type": "content", "content": {"type": "text", "text": whole}}],
        }))
        .await
    }

    async fn begin(&self, call: &Value) -> Result<(), Stop> {
        let mut update = call.clone();
        if let Some(fields) = update.as_object_mut() {
            fields.insert("sessionUpdate".to_owned(), Value::from("tool_call"));
        }
        self.update(update).await
    }

    async fn declined(&self, call: &Value) -> Result<(), Stop> {
        self.end(call, false, "it was not allowed".to_owned()).await
    }

    async fn saved(&self, call: &Value, result: io::Result<()>) -> Result<(), Stop> {
        match result {
            Ok(()) => self.end(call, true, "written".to_owned()).await,
            Err(error) => self.end(call, false, error.to_string()).await,
        }
    }

    async fn end(&self, call: &Value, worked: bool, result: String) -> Result<(), Stop> {
        self.update(json!({
            "sessionUpdate": "tool_call_update",
            "toolCallId": call["toolCallId"],
            "status": if worked { "completed" } else { "failed" },
            "rawOutput": result,
        }))
        .await
    }
}

fn edit(index: usize, title: &str, target: &Path, text: &str) -> Value {
    json!({
        "toolCallId": format!("step-{}", index + 1),
        "title": title,
        "kind": "edit",
        "status": "pending",
        "rawInput": {"path": target},
        "locations": [{"path": target}],
        "content": [{"type": "diff", "path": target, "oldText": null, "newText": format!("{text}\n")}],
    })
}

fn save(target: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(target, format!("{text}\n"))
}

fn shell(command: &str) -> Program {
    if cfg!(windows) {
        let shell = std::env::var_os("COMSPEC").map_or_else(
            || PathBuf::from(r"C:\Windows\System32\cmd.exe"),
            PathBuf::from,
        );
        Program::new(shell).arguments(["/C", command])
    } else {
        // Both outputs in one, so that they come in the order in which they were printed.
        Program::new("/bin/sh").arguments(["-c", &format!("exec 2>&1\n{command}")])
    }
}

/// Bytes read; none when the pipe is over.
async fn read<R: AsyncRead + Unpin>(pipe: &mut Option<R>, buffer: &mut [u8]) -> usize {
    match pipe {
        Some(pipe) => pipe.read(buffer).await.unwrap_or_default(),
        None => 0,
    }
}
