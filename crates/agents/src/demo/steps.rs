//! Doing what the instructions say.

use std::path::PathBuf;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    peer::{Gone, Peer},
    progress::Progress,
    script::{self, Instruction},
    server::{Client, Mode, error},
};
use crate::text::PIECE_BYTES_MAX;

const INTERNAL_ERROR: i64 = -32603;

/// One turn, with all that it needs.
pub(super) struct Turn {
    pub(super) peer: Peer,
    pub(super) client: Client,
    pub(super) session: String,
    pub(super) told: String,
    pub(super) folder: PathBuf,
    pub(super) output: PathBuf,
    pub(super) mode: Mode,
    pub(super) cancel: CancellationToken,
}

/// Why a turn does not go on.
pub(super) enum Stop {
    Cancelled,
    Gone,
    Failed(Value),
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Performs the instructions from where `progress` stands; the answer to the prompt.
pub(super) async fn perform(
    turn: Turn,
    instructions: &str,
    mut progress: Progress,
) -> Result<Value, Value> {
    let done = progress
        .begin(instructions)
        .map_err(|problem| unsaved(&problem))?;
    for (index, instruction) in script::parse(instructions).iter().enumerate().skip(done) {
        // What ends the turn by itself counts as done: a session that is taken up
        // again goes on after it.
        let ends = matches!(instruction, Instruction::Crash | Instruction::Fail { .. });
        if ends {
            progress
                .done(index + 1)
                .map_err(|problem| unsaved(&problem))?;
        }
        match turn.step(index, instruction).await {
            Ok(()) => {}
            Err(Stop::Cancelled | Stop::Gone) => return Ok(json!({"stopReason": "cancelled"})),
            Err(Stop::Failed(error)) => return Err(error),
        }
        progress
            .done(index + 1)
            .map_err(|problem| unsaved(&problem))?;
    }
    Ok(json!({"stopReason": "end_turn"}))
}

fn unsaved(problem: &std::io::Error) -> Value {
    error(
        INTERNAL_ERROR,
        format!("the progress could not be saved: {problem}"),
    )
}

impl Turn {
    async fn step(&self, index: usize, instruction: &Instruction) -> Result<(), Stop> {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        match instruction {
            Instruction::Say(text) => self.say(index, format!("{text}\n")).await,
            Instruction::Think(text) => {
                let chunk = json!({
                    "sessionUpdate": "agent_thought_chunk",
                    "content": {"type": "text", "text": format!("{text}\n")},
                });
                self.update(chunk).await
            }
            Instruction::Write { path, text } => self.write(index, path, text).await,
            Instruction::Output { path, text } => self.hand_back(index, path, text).await,
            Instruction::Run(command) => self.run(index, command).await,
            Instruction::Ask(questions) => {
                let answers = self.answers_to(questions).await?;
                self.say(index, answers).await
            }
            Instruction::Recite => self.say(index, format!("{}\n", self.told)).await,
            Instruction::Wait(time) => self.while_wanted(tokio::time::sleep(*time)).await,
            Instruction::Flood { lines, bytes } => self.flood(index, *lines, *bytes).await,
            Instruction::Fail { transient, message } => Err(Stop::Failed(json!({
                "code": INTERNAL_ERROR,
                "message": message,
                "data": {"errorKind": if *transient { "transient" } else { "permanent" }},
            }))),
            Instruction::Crash => {
                self.peer.flushed().await;
                std::process::abort()
            }
        }
    }

    /// Waits for `work`, but not beyond a cancellation.
    pub(super) async fn while_wanted<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Stop::Cancelled),
            result = work => Ok(result),
        }
    }

    pub(super) async fn update(&self, update: Value) -> Result<(), Stop> {
        let parameters = json!({"sessionId": self.session, "update": update});
        Ok(self.peer.notify("session/update", parameters).await?)
    }

    pub(super) async fn say(&self, index: usize, text: String) -> Result<(), Stop> {
        self.update(json!({
            "sessionUpdate": "agent_message_chunk",
            "messageId": format!("line-{}", index + 1),
            "content": {"type": "text", "text": text},
        }))
        .await
    }

    /// Many lines, several in one message: what counts is the text.
    async fn flood(&self, index: usize, lines: u64, bytes: usize) -> Result<(), Stop> {
        let mut text = String::new();
        for number in 1..=lines {
            text.push_str(&script::flood_line(number, lines, bytes));
            text.push('\n');
            if text.len() > PIECE_BYTES_MAX / 8 || number == lines {
                let said = self.say(index, std::mem::take(&mut text));
                self.while_wanted(said).await??;
            }
        }
        Ok(())
    }
}
