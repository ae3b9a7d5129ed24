//! Linux: the window is a process that lives while it is open, since a web view
//! that is only destroyed leaves most of its memory behind.

use std::{process::ExitCode, sync::Arc};

use process::{Detached, Program};
use tauri::AppHandle;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::{Showing, build, current, raise};
use crate::{
    app,
    page::Page,
    place::Place,
    seat::{self, Role, Seat, Wish},
    service::{Duty, Service},
};

/// Opens the window at `page`, or brings it forward.
pub(crate) async fn open(_: &AppHandle, place: &Place, page: Page, no_tray: bool) {
    let wish = Wish::Show { page: page.clone() };
    if seat::tell(place, Role::Window, &wish).await.is_ok() {
        return;
    }
    let started = std::env::current_exe().map(|own| {
        let program = Program::new(own)
            .inherit_environment()
            .arguments(["window", "--page"])
            .argument(page.to_string())
            .arguments(no_tray.then_some("--no-tray"));
        process::start_detached(&program, &Detached::default())
    });
    match started {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!(%error, "the window cannot be opened"),
        Err(error) => tracing::error!(%error, "this program cannot be found on the disk"),
    }
}

/// Closes the window, if it is open.
pub(crate) async fn close(_: &AppHandle, place: &Place) {
    let leave = Wish::Leave {
        when_finished: false,
    };
    // An error means that there is no window.
    let _ = seat::tell(place, Role::Window, &leave).await;
}

/// Is the window, until it is closed.
pub(crate) fn run(place: Place, page: Page, no_tray: bool) -> ExitCode {
    let runtime = match app::runtime() {
        Ok(runtime) => runtime,
        Err(code) => return code,
    };
    let seat = runtime.block_on(async {
        match Seat::take(&place, Role::Window) {
            Ok(Some(seat)) => Ok(seat),
            Ok(None) => Err(app::hand_over(&place, Role::Window, page.clone()).await),
            Err(error) => Err(app::refused(&error)),
        }
    });
    let seat = match seat {
        Ok(seat) => seat,
        Err(code) => return code,
    };
    let (service, keeper) = Service::new(place.clone(), Duty::Watches);
    let showing = Arc::new(Showing::new(page, no_tray));
    let tasks = TaskTracker::new();
    let (wishes_in, wishes) = mpsc::channel(8);
    tasks.spawn_on(keeper.keep(), runtime.handle());
    tasks.spawn_on(seat.serve(wishes_in), runtime.handle());
    let handle = runtime.handle().clone();
    let code = app::run(
        app::builder()
            .plugin(tauri_plugin_window_state::Builder::new().build())
            .manage(place)
            .manage(service)
            .manage(Arc::clone(&showing))
            .setup(move |app| {
                build(app.handle())?;
                tasks.spawn_on(obey(app.handle().clone(), showing, wishes), &handle);
                Ok(())
            }),
        |_| true,
    );
    runtime.shutdown_background();
    code
}

async fn obey(app: AppHandle, showing: Arc<Showing>, mut wishes: mpsc::Receiver<Wish>) {
    while let Some(wish) = wishes.recv().await {
        match wish {
            Wish::Show { page } => {
                if page != Page::Last {
                    showing.ask(page);
                }
                if let Some(window) = current(&app) {
                    raise(&window);
                }
            }
            Wish::Leave { .. } => app.exit(0),
            Wish::StartService => {}
        }
    }
}
