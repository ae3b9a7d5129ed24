//! The desktop app, where there is a display.

use std::{
    env,
    fs::File,
    process::{Child, Stdio},
};

use anyhow::Result;

use super::place::Place;
use crate::{command::Program, project, say};

/// Starts the app on this installation's runner; none where nobody could see it.
pub(super) fn start(place: &Place, log: impl Fn() -> Result<File>) -> Result<Option<Child>> {
    if !has_display() {
        say::line("No display here, so the desktop app is not started.");
        return Ok(None);
    }
    say::step("Desktop app");
    let log = log()?;
    let app = Program::new(project::binary("coord-runner", false)?)
        .env("COORD_DATA", place.runner())
        .env("COORD_CONFIG", place.config());
    app.spawn(|command| {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
    })
    .map(Some)
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows)) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
