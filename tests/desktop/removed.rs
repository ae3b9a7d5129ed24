//! A runner that somebody removed in the web app: its window says so, and has it back with one press.

use control::state::Connection;

use crate::{
    desk::{Desk, Furniture, eventually},
    ready::Ready,
    whole,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_runner_explains_itself_and_is_registered_again_with_one_press()
-> anyhow::Result<()> {
    let Ready {
        mut desk,
        coordinator,
        window,
        ..
    } = Ready::on(Furniture::default()).await?;
    let before = runner(&desk).await?;

    coordinator.remove_runner(&before.0).await?;
    window.reads("This runner was removed").await?;
    window.reads("What it did is kept here").await?;
    assert_eq!(
        whole::state(&desk).await?.connection,
        Connection::Removed,
        "it does not try on its own"
    );
    window.picture("removed").await?;

    let opened = desk.opened().len();
    window.press("Register again").await?;
    let address = eventually("the browser opens", async || {
        Ok(desk.opened().into_iter().nth(opened))
    })
    .await?;
    let (_, code) = address
        .split_once("?code=")
        .ok_or_else(|| anyhow::anyhow!("no code in {address}"))?;
    window.reads(code).await?;
    window.picture("registered-again-code").await?;
    coordinator.confirm(code).await?;
    window.reads("Ready for jobs").await?;
    window.picture("registered-again").await?;
    assert_eq!(
        runner(&desk).await?,
        before,
        "the same runner under the same name"
    );
    let job = coordinator.submit("After all", "say done").await?;
    whole::becomes(&coordinator, &job, "done").await?;
    window.close(&mut desk).await
}

/// Id, short id and name of the runner, as its service knows them.
async fn runner(desk: &Desk) -> anyhow::Result<(String, String, String)> {
    eventually("the service knows its runner", async || {
        let state = whole::state(desk).await?;
        Ok(state
            .runner
            .filter(|_| state.connection == Connection::Online)
            .map(|runner| (runner.id.to_string(), runner.short_id, runner.name)))
    })
    .await
}
