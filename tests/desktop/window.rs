//! The window: what it shows of the service's state, and what it asks of it.

use control::{message::Request, state::Connection};
use protocol::{
    approval::{Decision, Surface},
    time::Timestamp,
};

use crate::{
    desk::{Desk, Furniture, eventually},
    driver::Window,
    scripted::{self, Service},
};

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_shows_the_code_and_opens_the_browser() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let mut state = scripted::signed_out(&desk);
    state.config.server = None;
    let service = Service::start(&desk, state).await?;
    let window = Window::open(&mut desk, &[]).await?;
    window.press("Sign in…").await?;
    window
        .reads("Enter the address of your coordinator first.")
        .await?;
    window.picture("sign-in-light").await?;

    service.change(|state| {
        state.config.server = Some("https://coord.example.com".to_owned());
        state.connection = Connection::SigningIn {
            user_code: "BQKD-7XWM".to_owned(),
            verification_uri: "https://coord.example.com/device".to_owned(),
            verification_uri_complete: "https://coord.example.com/device?code=BQKD-7XWM".to_owned(),
            expires_at: Timestamp(i64::MAX / 2),
        };
    });
    window.reads("BQKD-7XWM").await?;
    window.press("Open browser").await?;
    let opened = eventually("the browser opens", async || {
        Ok(desk.opened().into_iter().next())
    })
    .await?;
    assert_eq!(opened, "https://coord.example.com/device?code=BQKD-7XWM");
    window.picture("code-light").await?;
    window.press("Cancel").await?;
    service
        .hears("break off", |request| {
            (*request == Request::CancelSignIn).then_some(())
        })
        .await?;
    window.close(&mut desk).await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_answered_from_the_window_and_jobs_are_shown() -> anyhow::Result<()> {
    let furniture = Furniture {
        dark: true,
        ..Furniture::default()
    };
    let mut desk = Desk::with(furniture).await?;
    let service = Service::start(&desk, scripted::online(&desk)).await?;
    let window = Window::open(&mut desk, &["--page", "status"]).await?;
    window.reads("No job runs").await?;
    let theme = window
        .script("return document.documentElement.dataset.theme")
        .await?;
    assert_eq!(theme, "dark", "the window follows the system");

    service.change(|state| {
        state
            .attempts
            .push(scripted::attempt(12, "Fix the login redirect"));
        state
            .approvals
            .push(scripted::approval(12, "git push origin main"));
    });
    window.reads("git push origin main").await?;
    window.reads("1 answer needed from you").await?;
    window.reads("Reads src/login.rs").await?;
    window.picture("approval-dark").await?;
    window.press("Allow once").await?;
    let answered = |request: &Request| match request {
        Request::AnswerApproval {
            approval_id,
            answer,
            surface,
        } => Some((*approval_id, answer.decision, *surface)),
        _ => None,
    };
    assert_eq!(
        service.hears("allow", answered).await?,
        (
            scripted::approval_id(12),
            Decision::AllowOnce,
            Surface::Window
        )
    );
    service.change(|state| state.approvals.clear());
    window.reads("Working on 1 job").await?;

    window.press("Stop").await?;
    window.reads("Stop job #12?").await?;
    window.press("Stop job").await?;
    let cancelled = |request: &Request| match request {
        Request::CancelAttempt { attempt_id } => Some(*attempt_id),
        _ => None,
    };
    assert_eq!(
        service.hears("cancel", cancelled).await?,
        scripted::attempt_id(12)
    );
    window.press("Log").await?;
    window.reads("line 40 of the log").await?;
    window.picture("log-dark").await?;
    window.close(&mut desk).await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_with_jobs_asks_and_does_what_is_chosen() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let mut state = scripted::online(&desk);
    state
        .attempts
        .push(scripted::attempt(12, "Fix the login redirect"));
    let service = Service::start(&desk, state).await?;
    let app = desk.app(&[])?;
    let tray = desk.start("app", &app)?;
    desk.double
        .menu_when("the tray stands", |menu| menu.len() > 3)
        .await?;

    let window = Window::open(&mut desk, &["--page", "quit"]).await?;
    window.reads("Quit Coord Runner?").await?;
    window.reads("Fix the login redirect").await?;
    window.picture("quit-light").await?;
    window.press_last("Finish jobs, then quit").await?;
    let stopped = |request: &Request| match request {
        Request::Stop { now } => Some(*now),
        _ => None,
    };
    assert!(!service.hears("stop", stopped).await?, "jobs are not ended");
    assert!(desk.runs(tray), "the tray stays until the jobs are done");

    service.change(|state| state.draining = true);
    desk.double
        .menu_when("the runner finishes", |menu| {
            menu.first()
                .is_some_and(|first| first == "(Finishing 1 job, then stopping)")
        })
        .await?;
    service.stop().await;
    eventually("the app ends with the service", async || {
        Ok((!desk.runs(tray)).then_some(()))
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_apply_at_once_and_pages_change_by_key() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let mut state = scripted::online(&desk);
    state.config.locked = vec!["name".to_owned()];
    let service = Service::start(&desk, state).await?;
    let window = Window::open(&mut desk, &["--page", "settings"]).await?;
    window.reads("Demo agent").await?;
    window.reads("Set by an option or the environment").await?;
    window.picture("settings-light").await?;

    window.press("Give jobs to Demo agent").await?;
    let agents = |request: &Request| match request {
        Request::Configure { patch } if !patch.agents.is_empty() => Some(patch.agents.clone()),
        _ => None,
    };
    let patch = service.hears("switch the agent off", agents).await?;
    assert!(patch.values().all(|agent| !agent.enabled));
    window.says("Saved").await?;

    window.keys("\u{e009}3\u{e000}").await?;
    window.reads("No job has ended here yet").await?;
    window.keys("\u{e009}1\u{e000}").await?;
    window.reads("Ready for jobs").await?;
    window.close(&mut desk).await?;
    service.stop().await;
    Ok(())
}
