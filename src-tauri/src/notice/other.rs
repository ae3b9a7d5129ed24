//! macOS and Windows: notifications of the system; a click brings the window forward.

use notify_rust::{Notification, NotificationResponse};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::Notice;
use crate::page::Page;

/// A notification on the screen; these systems take it away themselves.
#[derive(Debug)]
pub(super) struct Shown {
    tasks: TaskTracker,
}

impl Shown {
    /// Forgets it; it stands in the system's list until the person clears that.
    pub(super) fn withdraw(self) {
        self.tasks.close();
    }
}

/// Shows `notice`; none when the system refuses.
pub(super) async fn show(
    notice: &Notice,
    last: Option<Shown>,
    clicks: &mpsc::Sender<Page>,
) -> Option<Shown> {
    if let Some(last) = last {
        last.withdraw();
    }
    let mut notification = Notification::new();
    notification
        .appname("Coord Runner")
        .summary(&notice.summary)
        .body(&notice.body)
        .action("review", "Review");
    let (clicks, page) = (clicks.clone(), notice.page.clone());
    let tasks = TaskTracker::new();
    tasks.spawn_blocking(move || {
        let answered = notification.show().and_then(|handle| {
            handle.wait_for_response(move |response: &NotificationResponse| {
                if !matches!(response, NotificationResponse::Closed(_)) {
                    let _ = clicks.blocking_send(page);
                }
            })
        });
        if let Err(error) = answered {
            tracing::info!(%error, "this system shows no notifications");
        }
    });
    Some(Shown { tasks })
}
