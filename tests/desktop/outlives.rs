//! What waits for a person outlives the app: it is killed with its window and its service, and
//! whoever opens it again finds the same request and answers it.

use fantoccini::Locator;

use crate::{
    desk::{Desk, Furniture, eventually},
    driver::Window,
    ready::Ready,
    stopping::signal,
    whole::{becomes, find, runs, state},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_outlives_the_app_and_is_answered_in_its_next_window() -> anyhow::Result<()> {
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
    let job = coordinator
        .submit(
            "Outlive the app",
            "run echo approved > proof.txt\n\
             ask Which colour? | Red | Blue || Which sizes? | +Small | +Large || What is it called?\n\
             ask Which shape? | Round | Square\nsay after",
        )
        .await?;
    window.reads("echo approved > proof.txt").await?;
    let before = state(&desk).await?;

    let tray_pid = desk.pid(tray)?;
    for pid in [tray_pid, before.pid] {
        signal(&desk, "-KILL", pid).await?;
    }
    window.kill(&desk).await?;
    eventually("the app and its service are gone", async || {
        Ok((!runs(tray_pid) && !runs(before.pid)).then_some(()))
    })
    .await?;

    let app = desk.app(&[])?;
    desk.start("app again", &app)?;
    let after = eventually("another service knows of the request", async || {
        let state = state(&desk).await?;
        Ok((!state.approvals.is_empty()).then_some(state))
    })
    .await?;
    the_menu_has(&desk, "⚠ 1 approval waiting…").await?;
    assert_ne!(after.pid, before.pid);
    assert_eq!(after.approvals[0].approval, before.approvals[0].approval);
    let window = Window::open(&mut desk, &["--page", "status"]).await?;
    window.reads("echo approved > proof.txt").await?;
    window.picture("approval-after-a-restart").await?;
    window.press("Allow once").await?;

    several_things_are_answered(&window).await?;
    window.reads("Which shape?").await?;
    window.press("Let the agent decide").await?;
    becomes(&coordinator, &job, "done").await?;
    let jobs = desk.home().join("Jobs");
    let proof = find(&jobs, "proof.txt").map(std::fs::read_to_string);
    assert_eq!(proof.transpose()?.as_deref(), Some("approved\n"));
    let said = coordinator.log_of(&job).await?;
    for line in [
        "Which colour? Blue",
        "Which sizes? Small, Large",
        "What is it called? the kite",
        "Which shape? Nobody answered.",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    window.close(&mut desk).await
}

async fn the_menu_has(desk: &Desk, row: &str) -> anyhow::Result<()> {
    let has = |menu: &[String]| menu.iter().any(|one| one == row);
    let what = format!("the menu has {row:?}");
    desk.double.menu_when(&what, has).await.map(drop)
}

async fn several_things_are_answered(window: &Window) -> anyhow::Result<()> {
    window.reads("Which colour?").await?;
    for option in ["Blue", "Small", "Large"] {
        let label = format!("//label[contains(., '{option}')]");
        window
            .element(Locator::XPath(&label))
            .await?
            .click()
            .await?;
    }
    let own = "//fieldset[contains(., 'What is it called?')]//input";
    let own = window.element(Locator::XPath(own)).await?;
    own.send_keys("the kite").await?;
    window.picture("several-questions").await?;
    window.press("Send answer").await
}
