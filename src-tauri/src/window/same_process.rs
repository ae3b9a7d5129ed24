//! macOS and Windows: the window lives in the tray's process, and is destroyed
//! when it is closed.

use std::sync::Arc;

use tauri::{AppHandle, Manager as _};

use super::{Showing, build, current, raise};
use crate::{page::Page, place::Place};

/// Opens the window at `page`, or brings it forward.
pub async fn open(app: &AppHandle, _: &Place, page: Page, _: bool) {
    let handle = app.clone();
    let opened = app.run_on_main_thread(move || {
        let showing = handle.state::<Arc<Showing>>();
        if page != Page::Last {
            showing.ask(page);
        }
        match current(&handle) {
            Some(window) => raise(&window),
            None => match build(&handle) {
                Ok(window) => raise(&window),
                Err(error) => tracing::error!(%error, "the window cannot be opened"),
            },
        }
    });
    if let Err(error) = opened {
        tracing::error!(%error, "the window cannot be opened");
    }
}

/// Closes the window, if it is open.
pub async fn close(app: &AppHandle, _: &Place) {
    if let Some(window) = current(app)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "the window cannot be closed");
    }
}
