//! Linux: notifications over the session bus.

use notify_rust::{Notification, NotificationResponse, Timeout};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Notice;
use crate::page::Page;

/// A notification on the screen.
#[derive(Debug)]
pub(super) struct Shown {
    id: u32,
    withdrawn: CancellationToken,
    listening: Listening,
}

/// Ends the wait for a click when it is dropped, as when the next notification
/// takes its place.
#[derive(Debug)]
struct Listening {
    replaced: CancellationToken,
    tasks: TaskTracker,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.tasks.close();
        self.replaced.cancel();
    }
}

impl Shown {
    /// Takes it off the screen.
    pub(super) fn withdraw(self) {
        self.withdrawn.cancel();
    }
}

/// Shows `notice`, in the place of `last`; none when the desktop shows no notifications.
pub(super) async fn show(
    notice: &Notice,
    last: Option<Shown>,
    clicks: &mpsc::Sender<Page>,
) -> Option<Shown> {
    let mut notification = Notification::new();
    notification
        .appname("Coord Runner")
        .icon("coord-runner")
        .summary(&notice.summary)
        .body(&escaped(&notice.body))
        .action("default", "Open")
        .action("review", "Review")
        .timeout(Timeout::Default);
    if let Some(last) = &last {
        notification.id(last.id);
    }
    let handle = match notification.show_async().await {
        Ok(handle) => handle,
        Err(error) => {
            tracing::info!(%error, "this desktop shows no notifications");
            return None;
        }
    };
    drop(last);
    let (withdrawn, replaced) = (CancellationToken::new(), CancellationToken::new());
    let shown = Shown {
        id: handle.id(),
        withdrawn: withdrawn.clone(),
        listening: Listening {
            replaced: replaced.clone(),
            tasks: TaskTracker::new(),
        },
    };
    let (clicks, page) = (clicks.clone(), notice.page.clone());
    shown.listening.tasks.spawn(async move {
        let mut clicked = false;
        tokio::select! {
            // A notice that is withdrawn is not listened to either: closing comes first.
            biased;
            () = withdrawn.cancelled() => handle.close_async().await,
            () = handle.wait_for_action_async(|response| {
                clicked = !matches!(response, NotificationResponse::Closed(_));
            }) => {}
            () = replaced.cancelled() => {}
        }
        // A full queue means that the window is being opened already.
        if clicked && clicks.try_send(page).is_err() {
            tracing::debug!("a click on a notification was one too many");
        }
    });
    Some(shown)
}

/// Bodies may carry markup; what others wrote must not.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_of_others_is_no_markup() {
        assert_eq!(super::escaped("a <b> & c"), "a &lt;b&gt; &amp; c");
    }
}
