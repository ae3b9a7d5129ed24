//! The one window, and what it is asked to show.

use serde::Serialize;
use tauri::{
    AppHandle, Manager as _, Theme, WebviewUrl, WebviewWindow, WebviewWindowBuilder, window::Color,
};
use tokio::sync::watch;

use crate::page::Page;

#[cfg(target_os = "linux")]
#[path = "window/own_process.rs"]
mod home;
#[cfg(not(target_os = "linux"))]
#[path = "window/same_process.rs"]
mod home;

#[cfg(target_os = "linux")]
pub(crate) use home::run;
pub(crate) use home::{close, open};

const LABEL: &str = "main";

/// What the window is asked to show; the number tells two equal wishes apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Asked {
    /// Counts the wishes.
    pub number: u64,
    /// Where to go.
    #[serde(flatten)]
    pub page: Page,
    /// Whether to tell the person that this desktop shows no tray.
    pub no_tray: bool,
}

/// Passes wishes on to the window.
#[derive(Debug)]
pub(crate) struct Showing {
    asked: watch::Sender<Asked>,
}

impl Showing {
    /// Begins with `page`.
    pub(crate) fn new(page: Page, no_tray: bool) -> Self {
        let first = Asked {
            number: 1,
            page,
            no_tray,
        };
        Self {
            asked: watch::Sender::new(first),
        }
    }

    /// Asks for `page`.
    pub(crate) fn ask(&self, page: Page) {
        self.asked.send_modify(|asked| {
            asked.number += 1;
            asked.page = page;
        });
    }

    /// Every wish, the last one first.
    pub(crate) fn wishes(&self) -> watch::Receiver<Asked> {
        self.asked.subscribe()
    }
}

/// Makes the window.
fn build(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Coord Runner")
        .inner_size(960.0, 680.0)
        .min_inner_size(560.0, 420.0)
        .visible(false)
        .on_navigation(is_own)
        .build()?;
    // The page's own ground, so that nothing flashes before it is drawn.
    let ground = match window.theme()? {
        Theme::Dark => Color(17, 18, 22, 255),
        _ => Color(250, 250, 252, 255),
    };
    window.set_background_color(Some(ground))?;
    window.show()?;
    Ok(window)
}

/// Brings the window forward.
fn raise(window: &WebviewWindow) {
    let raised = window
        .unminimize()
        .and_then(|()| window.show())
        .and_then(|()| window.set_focus());
    if let Err(error) = raised {
        tracing::warn!(%error, "the window could not be brought forward");
    }
}

fn current(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(LABEL)
}

/// The window shows the app's own files and nothing else; everything else is
/// for the browser.
fn is_own(url: &tauri::Url) -> bool {
    url.scheme() == "tauri"
        || url.host_str() == Some("tauri.localhost")
        || (cfg!(debug_assertions) && url.host_str() == Some("127.0.0.1"))
}
