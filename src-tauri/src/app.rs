//! What the tray's and the window's process have in common.

use std::{fmt::Display, process::ExitCode};

use tauri::{AppHandle, Builder, RunEvent, Wry};

use crate::{
    commands,
    page::Page,
    place::Place,
    seat::{self, Role, Wish},
};

/// A small runtime for this process, which Tauri uses as well.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| refused(&error))?;
    tauri::async_runtime::set(runtime.handle().clone());
    Ok(runtime)
}

/// Says on the standard error why the app cannot start.
pub(crate) fn refused(error: &dyn Display) -> ExitCode {
    tracing::error!("Coord Runner cannot start: {error}");
    ExitCode::FAILURE
}

/// Hands the wish to see `page` to the process that came first.
pub(crate) async fn hand_over(place: &Place, role: Role, page: Page) -> ExitCode {
    match seat::tell(place, role, &Wish::Show { page }).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refused(&format!(
            "it runs already, but does not answer ({error}); end that process and start again"
        )),
    }
}

/// The app with its commands and without anything to show.
pub(crate) fn builder() -> Builder<Wry> {
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands::handler())
}

/// Runs the app until it is told to exit; `may_end` says whether the last
/// window that closes ends it.
pub(crate) fn run(builder: Builder<Wry>, may_end: fn(&AppHandle) -> bool) -> ExitCode {
    #[expect(clippy::exit, reason = "in code that Tauri's macro writes")]
    let context = tauri::generate_context!();
    let app = match builder.build(context) {
        Ok(app) => app,
        Err(error) => return refused(&error),
    };
    let code = app.run_return(move |app, event| {
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
            && !may_end(app)
        {
            api.prevent_exit();
        }
    });
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}
