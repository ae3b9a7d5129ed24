//! The desktop's side of the bus: what stands in the tray, and what was notified.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use process::{Child, OutputPipe};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{ChildStdin, ChildStdout},
    sync::Mutex,
    time::timeout,
};

use crate::desk::{Desk, PATIENCE, eventually, here};

/// Tray host and notification server of a desktop.
#[derive(Clone)]
pub(crate) struct Double {
    wire: Arc<Mutex<Option<Wire>>>,
}

struct Wire {
    commands: ChildStdin,
    answers: Lines<BufReader<OutputPipe<ChildStdout>>>,
    // Ends the double when the desktop ends.
    _child: Child,
}

impl Double {
    /// Before the desktop has one.
    pub(crate) fn nowhere() -> Self {
        Self {
            wire: Arc::new(Mutex::new(None)),
        }
    }

    /// Starts it on `desk`.
    pub(crate) async fn start(desk: &Desk, tray: bool) -> anyhow::Result<Self> {
        // The interpreter of the system has the bindings for the bus.
        let program = desk
            .system("python3")
            .map(|_| desk.at("/usr/bin/python3"))?
            .argument(here().join("desktop_double.py"))
            .arguments((!tray).then_some("--no-tray"));
        let mut child = program.start()?;
        let commands = child.take_stdin().context("an input")?;
        let answers = BufReader::new(child.take_stdout().context("an output")?).lines();
        let mut wire = Wire {
            commands,
            answers,
            _child: child,
        };
        wire.answer().await.context(
            "the doubles do not start; they need the packages python3-dbus and python3-gi",
        )?;
        Ok(Self {
            wire: Arc::new(Mutex::new(Some(wire))),
        })
    }

    async fn ask(&self, command: &Value) -> anyhow::Result<Value> {
        let mut wire = self.wire.lock().await;
        let wire = wire.as_mut().context("a desktop with doubles")?;
        wire.commands
            .write_all(format!("{command}\n").as_bytes())
            .await?;
        let answer = wire.answer().await?;
        match answer.get("error") {
            Some(error) => bail!("the double says: {error}"),
            None => Ok(answer),
        }
    }

    /// The tray's menu as labels; what cannot be chosen stands in brackets, a
    /// row with rows of its own carries them after a colon.
    pub(crate) async fn menu(&self) -> anyhow::Result<Vec<String>> {
        let rows = self.ask(&json!({"do": "menu"})).await?;
        Ok(labels(&rows))
    }

    /// Waits until the menu satisfies `wanted`, and gives it.
    pub(crate) async fn menu_when(
        &self,
        what: &str,
        wanted: impl Fn(&[String]) -> bool,
    ) -> anyhow::Result<Vec<String>> {
        eventually(what, async || {
            let menu = self.menu().await?;
            Ok(wanted(&menu).then_some(menu))
        })
        .await
    }

    /// The picture that stands in the tray, as its file's bytes.
    pub(crate) async fn tray_picture(&self) -> anyhow::Result<Vec<u8>> {
        let items = self.ask(&json!({"do": "items"})).await?;
        let name = items[0]["IconName"].as_str().context("an icon")?;
        Ok(std::fs::read(name)?)
    }

    /// How many items stand in the tray.
    pub(crate) async fn tray_items(&self) -> anyhow::Result<usize> {
        let items = self.ask(&json!({"do": "items"})).await?;
        Ok(items.as_array().map_or(0, Vec::len))
    }

    /// Chooses a row of the menu, by the labels on the way to it.
    pub(crate) async fn click(&self, path: &[&str]) -> anyhow::Result<()> {
        eventually("the row can be chosen", async || {
            self.ask(&json!({"do": "click", "path": path}))
                .await
                .map(Some)
        })
        .await?;
        Ok(())
    }

    /// Every notification so far, in order.
    pub(crate) async fn notifications(&self) -> anyhow::Result<Vec<Value>> {
        let shown = self.ask(&json!({"do": "notifications"})).await?;
        Ok(shown.as_array().cloned().unwrap_or_default())
    }

    /// Presses an action of a notification.
    pub(crate) async fn press(&self, id: u64, key: &str) -> anyhow::Result<()> {
        self.ask(&json!({"do": "act", "id": id, "key": key}))
            .await
            .map(drop)
    }
}

impl Wire {
    async fn answer(&mut self) -> anyhow::Result<Value> {
        let line = timeout(PATIENCE, self.answers.next_line()).await??;
        Ok(serde_json::from_str(&line.context("the double ended")?)?)
    }
}

fn labels(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter()
        .map(|row| {
            let label = row["label"].as_str().unwrap_or_default();
            let inner = labels(&row["rows"]);
            if row["separator"] == true {
                "-".to_owned()
            } else if !inner.is_empty() {
                format!("{label}: {}", inner.join(", "))
            } else if row["enabled"] == false {
                format!("({label})")
            } else {
                label.to_owned()
            }
        })
        .collect()
}
