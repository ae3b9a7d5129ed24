//! A machine that is ready for jobs: a person has taken the first steps in the window.

use fantoccini::Locator;

use crate::{
    coordinator::Coordinator,
    desk::{Desk, Furniture, eventually},
    driver::Window,
};

/// A desktop with tray, open window and a service that is signed in to a coordinator.
pub(crate) struct Ready {
    pub(crate) desk: Desk,
    pub(crate) coordinator: Coordinator,
    pub(crate) window: Window,
    /// The app's number among the programs of the desktop.
    pub(crate) tray: usize,
}

impl Ready {
    /// Takes the first steps on such a desktop.
    pub(crate) async fn on(furniture: Furniture) -> anyhow::Result<Self> {
        let mut desk = Desk::with(furniture).await?;
        let coordinator = Coordinator::start(&mut desk).await?;
        let app = desk.app(&[])?;
        let tray = desk.start("app", &app)?;
        desk.double
            .menu_when("the service runs and nobody is signed in", |menu| {
                menu.first().is_some_and(|first| first == "Sign in…")
            })
            .await?;
        let window = Window::open(&mut desk, &[]).await?;
        set_up(&desk, &coordinator, &window).await?;
        Ok(Self {
            desk,
            coordinator,
            window,
            tray,
        })
    }
}

/// Takes the first steps, from signing in to the agents.
async fn set_up(desk: &Desk, coordinator: &Coordinator, window: &Window) -> anyhow::Result<()> {
    window.reads("Set up this machine").await?;
    window.write("Coordinator", &coordinator.url).await?;
    window.press("Sign in…").await?;
    window.reads("Confirm in your browser").await?;
    let code = window
        .element(Locator::Id("user-code"))
        .await?
        .text()
        .await?;
    let opened = eventually("the browser opens", async || {
        Ok(desk.opened().into_iter().next())
    })
    .await?;
    assert_eq!(opened, format!("{}/device?code={code}", coordinator.url));
    window.picture("whole-code").await?;
    coordinator.confirm(&code).await?;

    window.reads("Use this directory").await?;
    window.write("Workspace directory", "/proc/nowhere").await?;
    window.reads("cannot").await?;
    window.picture("whole-bad-directory").await?;
    let jobs = desk.home().join("Jobs");
    window
        .write("Workspace directory", &jobs.to_string_lossy())
        .await?;
    window.reads("It will be created.").await?;
    window.press("Use this directory").await?;
    window.reads("Demo agent").await?;
    window.press("Finish").await?;
    window.reads("Ready for jobs").await?;
    window.picture("whole-ready").await
}
