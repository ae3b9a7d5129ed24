//! What the window may ask of the shell: a few thin doors.

mod allowed;

use std::{path::PathBuf, sync::Arc};

use control::message::{Reply, Request};
use protocol::{
    approval::Surface,
    error::{ErrorCode, Problem},
};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State, WebviewWindow, Wry, ipc::Channel, ipc::Invoke};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::oneshot;

use crate::{
    link::Link,
    place::Place,
    seat::{self, Role, Wish},
    service::{Order, Service},
    window::{Asked, Showing},
};

/// Every command.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        control,
        watch,
        choose_directory,
        open_url,
        reveal_folder,
        start_service,
        quit
    ]
}

/// What the window hears without asking again.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
enum Signal {
    /// How the app stands with the service.
    Service {
        /// As a whole.
        service: Link,
    },
    /// Where the window shall go.
    Show {
        /// The wish.
        asked: Asked,
    },
}

/// What to do with the service and its jobs when the app quits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum QuitChoice {
    /// Take nothing new, finish what runs, then quit.
    Finish,
    /// End the agents, and quit.
    StopNow,
    /// Quit the app; the runner works on without it.
    KeepRunning,
}

/// Asks the service for something, as a person in the window.
#[tauri::command]
async fn control(service: State<'_, Service>, request: Request) -> Result<Reply, Problem> {
    let request = match request {
        Request::Watch => {
            return Err(Problem::new(
                ErrorCode::Invalid,
                "The state comes by the command `watch`.",
            ));
        }
        Request::AnswerApproval {
            approval_id,
            answer,
            ..
        } => Request::AnswerApproval {
            approval_id,
            answer,
            surface: Surface::Window,
        },
        Request::AnswerQuestion {
            question_id,
            answer,
            ..
        } => Request::AnswerQuestion {
            question_id,
            answer,
            surface: Surface::Window,
        },
        other => other,
    };
    service.call(request).await
}

/// Sends the state and every wish, until the page is gone.
#[tauri::command]
async fn watch(
    service: State<'_, Service>,
    showing: State<'_, Arc<Showing>>,
    channel: Channel<Signal>,
) -> Result<(), Problem> {
    let (mut links, mut wishes) = (service.links(), showing.wishes());
    links.mark_changed();
    wishes.mark_changed();
    loop {
        let signal = tokio::select! {
            biased;
            changed = wishes.changed() => changed.map(|()| Signal::Show {
                asked: wishes.borrow_and_update().clone(),
            }),
            changed = links.changed() => changed.map(|()| Signal::Service {
                service: links.borrow_and_update().clone(),
            }),
        };
        let Ok(signal) = signal else { return Ok(()) };
        if channel.send(signal).is_err() {
            return Ok(());
        }
    }
}

/// Lets the person choose a directory; none when nothing was chosen.
#[tauri::command]
async fn choose_directory(window: WebviewWindow, start: Option<PathBuf>) -> Option<String> {
    let (chosen_in, chosen) = oneshot::channel();
    let mut dialog = window
        .dialog()
        .file()
        .set_parent(&window)
        .set_title("Choose the workspace directory")
        .set_can_create_directories(true);
    if let Some(start) = start.filter(|start| start.is_dir()) {
        dialog = dialog.set_directory(start);
    }
    dialog.pick_folder(move |folder| {
        // The page may be gone by now; then nobody wants the answer.
        let _ = chosen_in.send(folder);
    });
    let folder = chosen.await.ok().flatten()?;
    Some(folder.into_path().ok()?.to_string_lossy().into_owned())
}

/// Opens a page of the coordinator in the person's browser.
#[tauri::command]
async fn open_url(service: State<'_, Service>, url: String) -> Result<(), Problem> {
    let url = allowed::url(&service.link(), &url)?;
    let opened = tokio::task::spawn_blocking(move || {
        tauri_plugin_opener::open_url(url.as_str(), None::<&str>)
    });
    opened
        .await
        .map_err(|error| not_opened("The browser", &error))?
        .map_err(|error| not_opened("The browser", &error))
}

/// Shows a folder of a job in the person's file manager.
#[tauri::command]
async fn reveal_folder(service: State<'_, Service>, folder: PathBuf) -> Result<(), Problem> {
    let folder = allowed::folder(&service.link(), &folder)?;
    let opened =
        tokio::task::spawn_blocking(move || tauri_plugin_opener::open_path(folder, None::<&str>));
    opened
        .await
        .map_err(|error| not_opened("The file manager", &error))?
        .map_err(|error| not_opened("The file manager", &error))
}

fn not_opened(what: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        ErrorCode::Unavailable,
        format!("{what} could not be opened: {error}."),
    )
}

/// Starts the service if it does not run.
#[tauri::command]
async fn start_service(service: State<'_, Service>) -> Result<(), Problem> {
    service.order(Order::Start).await;
    Ok(())
}

/// Ends the app, and does with the service what the person chose.
#[tauri::command]
async fn quit(
    app: AppHandle,
    service: State<'_, Service>,
    place: State<'_, Place>,
    choice: QuitChoice,
) -> Result<(), Problem> {
    let stop = match choice {
        QuitChoice::Finish => Some(Request::Stop { now: false }),
        QuitChoice::StopNow => Some(Request::Stop { now: true }),
        QuitChoice::KeepRunning => None,
    };
    if let Some(stop) = stop {
        service.call(stop).await?;
    }
    let leave = Wish::Leave {
        when_finished: choice == QuitChoice::Finish,
    };
    if seat::tell(&place, Role::Tray, &leave).await.is_err() {
        // There is no tray, so the window is all there is to end.
        app.exit(0);
    } else {
        crate::window::close(&app, &place).await;
    }
    Ok(())
}
