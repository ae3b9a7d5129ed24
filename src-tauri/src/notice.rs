//! The desktop notification when something waits for the person: one at a time,
//! replaced when more comes, and withdrawn when nothing waits any more.

#[cfg(target_os = "linux")]
#[path = "notice/linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "notice/other.rs"]
mod system;

use control::state::{Connection, ServiceState, WaitingApproval, WaitingQuestion};
use protocol::approval::Action;
use tokio::sync::mpsc;

use crate::{indicator::waiting, link::Link, page::Page, words};

/// What a notification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// What waits; a notice about the same things is not shown again.
    about: Vec<String>,
    summary: String,
    body: String,
    page: Page,
}

/// Shows at most one notification.
pub(crate) struct Notices {
    shown: Option<(Notice, system::Shown)>,
    clicks: mpsc::Sender<Page>,
}

impl Notices {
    /// Sends the page to open to `clicks` when the person clicks.
    pub(crate) fn new(clicks: mpsc::Sender<Page>) -> Self {
        Self {
            shown: None,
            clicks,
        }
    }

    /// Shows, replaces or withdraws, as `link` calls for.
    pub(crate) async fn follow(&mut self, link: &Link) {
        // What waited still waits while the service is away for a moment.
        if matches!(link, Link::Starting | Link::Broken { .. }) {
            return;
        }
        let wanted = link.state().and_then(wanted);
        match (wanted, self.shown.take()) {
            (Some(wanted), Some((last, shown))) if wanted.about == last.about => {
                self.shown = Some((last, shown));
            }
            (Some(wanted), last) => {
                let last = last.map(|(_, shown)| shown);
                if let Some(shown) = system::show(&wanted, last, &self.clicks).await {
                    self.shown = Some((wanted, shown));
                }
            }
            (None, Some((_, shown))) => shown.withdraw(),
            (None, None) => {}
        }
    }
}

/// What the state deserves to be told outside of the window.
fn wanted(state: &ServiceState) -> Option<Notice> {
    if waiting(state) > 0 {
        return Some(about_waiting(state));
    }
    let because = match &state.connection {
        Connection::SignedOut {
            because: Some(because),
        } => because.clone(),
        Connection::Removed => "This runner was removed in the web app.".to_owned(),
        _ => return None,
    };
    Some(Notice {
        about: vec![because.clone()],
        summary: "Sign-in needed".to_owned(),
        body: format!("{because} Sign in again to take jobs."),
        page: Page::Status,
    })
}

fn about_waiting(state: &ServiceState) -> Notice {
    let approvals = state.approvals.iter();
    let questions = state.questions.iter();
    let mut about: Vec<String> = approvals
        .map(|waits| waits.approval.id.to_string())
        .collect();
    about.extend(questions.map(|waits| waits.question.id.to_string()));
    let (summary, body) = match (state.approvals.as_slice(), state.questions.as_slice()) {
        ([one], []) => ("Approval needed".to_owned(), approval(one)),
        ([], [one]) => ("Question".to_owned(), question(one)),
        _ => (words::waits(state), jobs_of(state)),
    };
    Notice {
        about,
        summary,
        body,
        page: Page::Status,
    }
}

fn approval(waits: &WaitingApproval) -> String {
    let wish = match &waits.approval.subject.action {
        Action::Run { command } => format!("wants to run: {}", words::shortened(command, 120)),
        Action::Edit { path, .. } => format!("wants to change {}", words::shortened(path, 120)),
        Action::Other { title, .. } => format!("wants to use {}", words::shortened(title, 120)),
    };
    format!("{} {wish}", job(waits.job_number, &waits.title))
}

fn question(waits: &WaitingQuestion) -> String {
    let text = waits.question.items.first().map_or("", |item| &item.text);
    let job = job(waits.job_number, &waits.title);
    format!("{job} asks: {}", words::shortened(text, 160))
}

fn jobs_of(state: &ServiceState) -> String {
    let approvals = state
        .approvals
        .iter()
        .map(|waits| (waits.job_number, &waits.title));
    let questions = state
        .questions
        .iter()
        .map(|waits| (waits.job_number, &waits.title));
    let mut jobs: Vec<_> = approvals.chain(questions).collect();
    jobs.sort();
    jobs.dedup();
    let jobs: Vec<String> = jobs
        .into_iter()
        .take(4)
        .map(|(number, title)| job(number, title))
        .collect();
    jobs.join("\n")
}

fn job(number: u64, title: &str) -> String {
    format!("#{number} {}", words::shortened(title, 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn one_approval_is_told_in_full() {
        let mut state = sample::online();
        assert_eq!(wanted(&state), None);
        state.approvals.push(sample::approval());
        let notice = wanted(&state).unwrap();
        assert_eq!(notice.summary, "Approval needed");
        assert_eq!(
            notice.body,
            "#12 Fix the login redirect wants to run: git push origin main"
        );
    }

    #[test]
    fn several_are_counted_and_their_jobs_named_once() {
        let mut state = sample::online();
        state.approvals = vec![sample::approval(), sample::approval()];
        let notice = wanted(&state).unwrap();
        assert_eq!(notice.summary, "2 approvals waiting");
        assert_eq!(notice.body, "#12 Fix the login redirect");
    }

    #[test]
    fn a_sign_in_that_ended_is_told_but_a_sign_out_of_ones_own_is_not() {
        let mut state = sample::online();
        state.connection = Connection::SignedOut { because: None };
        assert_eq!(wanted(&state), None);
        state.connection = Connection::SignedOut {
            because: Some("The sign-in was revoked.".to_owned()),
        };
        assert_eq!(wanted(&state).unwrap().summary, "Sign-in needed");
    }
}
