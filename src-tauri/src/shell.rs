//! The tray's process: one task that hears the service, the menu, the
//! notifications and other starts of the app, and does what they call for.

mod host;
mod memory;

use std::{process::ExitCode, sync::Arc, time::Duration};

use control::message::Request;
use protocol::time::Timestamp;
use tauri::AppHandle;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::task::TaskTracker;

use crate::{
    app,
    indicator::Indicator,
    link::Link,
    notice::Notices,
    page::Page,
    place::Place,
    seat::{Role, Seat, Wish},
    service::{Duty, Order, Service},
    tray::{
        Look, Tray,
        menu::{self, Action, Facts},
    },
    window::{self, Showing},
    words,
};

const DAY: u64 = 24 * 3_600_000;
/// How often elapsed times in the menu are brought up to date while jobs run.
const MENU_TICK: Duration = Duration::from_mins(1);

/// Everything that the tray's process listens to.
struct Ears {
    wishes: mpsc::Receiver<Wish>,
    chosen: mpsc::Receiver<String>,
    clicks: mpsc::Receiver<Page>,
}

/// The tray's process.
struct Shell {
    app: AppHandle,
    place: Place,
    service: Service,
    tray: Arc<Tray>,
    notices: Notices,
    calls: TaskTracker,
    leave_when_finished: bool,
}

/// Is the app, until it is told to quit; hands over to the first if it is the second.
pub(crate) fn run(place: Place, page: Option<Page>) -> ExitCode {
    let runtime = match app::runtime() {
        Ok(runtime) => runtime,
        Err(code) => return code,
    };
    let seat = runtime.block_on(async {
        match Seat::take(&place, Role::Tray) {
            Ok(Some(seat)) => Ok(seat),
            Ok(None) => {
                Err(app::hand_over(&place, Role::Tray, page.clone().unwrap_or_default()).await)
            }
            Err(error) => Err(app::refused(&error)),
        }
    });
    let seat = match seat {
        Ok(seat) => seat,
        Err(code) => return code,
    };
    let (service, keeper) = Service::new(place.clone(), Duty::Keeps);
    let (wishes_in, wishes) = mpsc::channel(8);
    let tasks = TaskTracker::new();
    tasks.spawn_on(keeper.keep(), runtime.handle());
    tasks.spawn_on(seat.serve(wishes_in), runtime.handle());
    let handle = runtime.handle().clone();
    let builder = app::builder()
        .manage(place.clone())
        .manage(service.clone())
        .manage(Arc::new(Showing::new(Page::Last, false)))
        .setup(move |app| {
            let (chosen_in, chosen) = mpsc::channel(8);
            let (clicks_in, clicks) = mpsc::channel(2);
            let app = app.handle().clone();
            let tray = Arc::new(Tray::new(&app, &look(&service), chosen_in)?);
            let shell = Shell {
                app,
                place,
                service,
                tray,
                notices: Notices::new(clicks_in),
                calls: TaskTracker::new(),
                leave_when_finished: false,
            };
            let ears = Ears {
                wishes,
                chosen,
                clicks,
            };
            tasks.spawn_on(shell.live(ears, page), &handle);
            Ok(())
        });
    // The last window that closes leaves the tray.
    let code = app::run(builder, |_| false);
    runtime.shutdown_background();
    code
}

/// What the tray shall show now.
fn look(service: &Service) -> Look {
    let link = service.link();
    let indicator = Indicator::of(&link, env!("CARGO_PKG_VERSION"));
    let now = Timestamp(now_millis());
    Look {
        indicator,
        tooltip: words::tooltip(&link),
        rows: menu::rows(Facts {
            link: &link,
            indicator,
            own_service: service.is_own(),
            now,
            until_tomorrow: until_tomorrow(now),
        }),
    }
}

impl Shell {
    async fn live(mut self, mut ears: Ears, page: Option<Page>) {
        self.greet(page).await;
        let mut links = self.service.links();
        links.mark_changed();
        let mut next_tick = Instant::now() + MENU_TICK;
        loop {
            let busy = self.service.link().has_jobs();
            tokio::select! {
                changed = links.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let link = links.borrow_and_update().clone();
                    self.heard(&link).await;
                }
                Some(wish) = ears.wishes.recv() => self.obey(wish).await,
                Some(id) = ears.chosen.recv() => {
                    if let Some(action) = self.tray.action(&id) {
                        self.act(action).await;
                    }
                }
                Some(page) = ears.clicks.recv() => self.open(page).await,
                () = sleep_until(next_tick), if busy => {
                    next_tick = Instant::now() + MENU_TICK;
                    self.draw();
                }
            }
        }
    }

    /// At the start: the page that was asked for, or the window where there is no tray.
    async fn greet(&self, page: Option<Page>) {
        let no_tray = !host::is_there().await;
        let hint = no_tray && memory::first_time_without_tray(&self.place);
        match page {
            Some(page) => window::open(&self.app, &self.place, page, hint).await,
            None if no_tray => window::open(&self.app, &self.place, Page::Last, hint).await,
            None => {}
        }
    }

    async fn heard(&mut self, link: &Link) {
        self.draw();
        self.notices.follow(link).await;
        if self.leave_when_finished && *link == Link::Stopped {
            self.leave().await;
        }
    }

    /// Draws the tray from the newest state, on the thread that may.
    fn draw(&self) {
        let (tray, look) = (Arc::clone(&self.tray), look(&self.service));
        let drawn = self.app.run_on_main_thread(move || {
            if let Err(error) = tray.show(look) {
                tracing::warn!(%error, "the tray could not be drawn");
            }
        });
        if let Err(error) = drawn {
            tracing::debug!(%error, "the tray is gone already");
        }
    }

    async fn obey(&mut self, wish: Wish) {
        match wish {
            Wish::Show { page } => self.open(page).await,
            Wish::StartService => self.service.order(Order::Start).await,
            Wish::Leave {
                when_finished: true,
            } if self.service.link() != Link::Stopped => self.leave_when_finished = true,
            Wish::Leave { .. } => self.leave().await,
        }
    }

    async fn act(&mut self, action: Action) {
        match action {
            Action::Open(page) => self.open(page).await,
            Action::Board(server) => self.browse(server),
            Action::Pause(for_ms) => self.call(Request::Pause { for_ms, note: None }),
            Action::Resume => self.call(Request::Resume),
            Action::Start => self.service.order(Order::Start).await,
            Action::Renew => self.service.order(Order::Renew).await,
            Action::Leave => self.leave().await,
            Action::Quit if self.service.link().has_jobs() => self.open(Page::Quit).await,
            Action::Quit => self.quit().await,
        }
    }

    /// Ends the app with its service; nothing runs there now, so nothing is asked.
    async fn quit(&mut self) {
        if self.service.link().state().is_some()
            && let Err(problem) = self.service.call(Request::Stop { now: false }).await
        {
            tracing::warn!(%problem, "the service could not be stopped");
        }
        self.leave().await;
    }

    async fn leave(&self) {
        window::close(&self.app, &self.place).await;
        self.app.exit(0);
    }

    async fn open(&self, page: Page) {
        window::open(&self.app, &self.place, page, false).await;
    }

    fn browse(&self, server: String) {
        self.calls.spawn_blocking(move || {
            if let Err(error) = tauri_plugin_opener::open_url(server, None::<&str>) {
                tracing::warn!(%error, "the browser could not be opened");
            }
        });
    }

    fn call(&self, request: Request) {
        let service = self.service.clone();
        self.calls.spawn(async move {
            if let Err(problem) = service.call(request).await {
                tracing::warn!(%problem, "the service refused what the menu asked for");
            }
        });
    }
}

fn now_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// How long it is until the next day begins, where this machine is.
fn until_tomorrow(now: Timestamp) -> u64 {
    let next_day = jiff::Timestamp::from_millisecond(now.0).and_then(|now| {
        now.to_zoned(jiff::tz::TimeZone::system())
            .tomorrow()?
            .start_of_day()
    });
    next_day.map_or(DAY, |next_day| {
        Timestamp(next_day.timestamp().as_millisecond()).millis_since(now)
    })
}
