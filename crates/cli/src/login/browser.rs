//! Opens a page for a person.

use std::{
    env,
    io::{self, IsTerminal as _},
};

/// Opens `url` in the browser; only where a person sits at a display and a terminal.
pub(super) fn open(url: &str) -> bool {
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    terminal && has_display() && open::that_detached(url).is_ok()
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    // Over SSH a browser would open where nobody sees it.
    if set("SSH_CONNECTION") {
        return false;
    }
    cfg!(any(target_os = "macos", windows)) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
