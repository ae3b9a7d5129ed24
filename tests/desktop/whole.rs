//! The whole way on one machine, with everything real: coordinator, service,
//! worker, demo agent, tray and window.

use anyhow::Context as _;
use control::{
    Client,
    state::{CredentialStore, ServiceState},
};
use fantoccini::Locator;

use crate::{
    coordinator::Coordinator,
    desk::{Desk, Furniture, eventually},
    driver::Window,
    ready::Ready,
};

#[tokio::test(flavor = "multi_thread")]
async fn from_signing_in_to_a_job_that_is_done() -> anyhow::Result<()> {
    let Ready {
        mut desk,
        coordinator,
        window,
        tray,
    } = Ready::on(Furniture {
        keyring: true,
        ..Furniture::default()
    })
    .await?;
    let kept = state(&desk).await?.credentials;
    assert_eq!(kept, Some(CredentialStore::Keyring));
    assert!(!desk.data().join("credentials.json").exists());

    a_job_is_approved(&desk, &coordinator, &window).await?;
    a_job_outlives_its_window(&mut desk, &coordinator, window, tray).await?;

    // Nothing runs, so nothing is asked, and nothing is left.
    let service = state(&desk).await?.pid;
    desk.double.click(&["Quit…"]).await?;
    eventually("the app has ended", async || {
        Ok((!desk.runs(tray)).then_some(()))
    })
    .await?;
    eventually("the service has ended", async || {
        Ok((!runs(service)).then_some(()))
    })
    .await?;
    Ok(())
}

async fn a_job_is_approved(
    desk: &Desk,
    coordinator: &Coordinator,
    window: &Window,
) -> anyhow::Result<()> {
    let job = coordinator
        .submit(
            "Say hello",
            "say hello from the agent\nrun echo approved > proof.txt",
        )
        .await?;
    window.reads("wants to run a command").await?;
    window.reads("echo approved > proof.txt").await?;
    window.picture("whole-approval").await?;
    let told = eventually("the approval is notified", async || {
        Ok(desk.double.notifications().await?.into_iter().next())
    })
    .await?;
    assert_eq!(told["summary"], "Approval needed");
    window.press("Allow once").await?;
    becomes(coordinator, &job, "done").await?;
    let proof = find(&desk.home().join("Jobs"), "proof.txt").context("the command ran")?;
    assert_eq!(std::fs::read_to_string(proof)?, "approved\n");

    window.keys("\u{e009}2\u{e000}").await?;
    window.reads("hello from the agent").await?;
    window.picture("whole-log").await?;
    window.keys("\u{e009}3\u{e000}").await?;
    window.reads("Say hello").await?;
    window.picture("whole-history").await
}

async fn a_job_outlives_its_window(
    desk: &mut Desk,
    coordinator: &Coordinator,
    window: Window,
    tray: usize,
) -> anyhow::Result<()> {
    let job = coordinator
        .submit(
            "Take a while",
            "say begun\nask Go on? | Yes | No\nsay ended",
        )
        .await?;
    window.keys("\u{e009}1\u{e000}").await?;
    window.reads("Go on?").await?;
    window.close(desk).await?;
    eventually("the window is closed", async || {
        Ok(desk.windows().await?.is_empty().then_some(()))
    })
    .await?;
    assert!(desk.runs(tray), "the tray outlives the window");
    assert_eq!(state(desk).await?.attempts.len(), 1, "the job goes on");

    desk.double.click(&["⚠ 1 question waiting…"]).await?;
    eventually("the window is open again", async || {
        Ok((desk.windows().await? == ["Coord Runner"]).then_some(()))
    })
    .await?;
    desk.close_window().await?;
    let window = Window::open(desk, &["--page", "status"]).await?;
    window.reads("Go on?").await?;
    window
        .element(Locator::XPath("//label[contains(., 'Yes')]"))
        .await?
        .click()
        .await?;
    window.press("Send answer").await?;
    becomes(coordinator, &job, "done").await?;
    window.close(desk).await
}

/// Waits until a job is in this state.
pub(crate) async fn becomes(
    coordinator: &Coordinator,
    job: &str,
    wanted: &str,
) -> anyhow::Result<()> {
    eventually(&format!("the job is {wanted}"), async || {
        Ok((coordinator.state_of(job).await? == wanted).then_some(()))
    })
    .await
}

/// What the service says of itself, when one answers.
pub(crate) async fn state(desk: &Desk) -> anyhow::Result<ServiceState> {
    Ok(Client::connect(&desk.data()).await?.state().await?)
}

/// Whether a process lives.
pub(crate) fn runs(pid: u32) -> bool {
    process::Identity::of(pid).is_some_and(process::is_alive)
}

/// The first file of this name in a folder and all below it.
pub(crate) fn find(folder: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            if entry.file_name() == name {
                return Some(entry.path());
            }
            if entry.path().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    None
}
