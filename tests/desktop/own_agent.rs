//! An agent of one's own, from the window: described, tried, saved, and given a job.

use crate::{
    desk::{Desk, Furniture},
    ready::Ready,
    whole::{becomes, state},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_of_ones_own_is_tried_and_saved_and_takes_part() -> anyhow::Result<()> {
    let Ready {
        mut desk,
        coordinator,
        window,
        ..
    } = Ready::on(Furniture {
        keyring: true,
        dark: true,
        ..Furniture::default()
    })
    .await?;
    window.keys("\u{e009}4\u{e000}").await?;
    window.press("Add agent…").await?;
    window.press("Test").await?;
    window.reads("The command is missing.").await?;
    window.write("Short name", "kite").await?;
    window.write("Command", "/nowhere/kite").await?;
    window.press("Test").await?;
    window.reads("/nowhere/kite").await?;
    window.picture("own-agent-fails").await?;

    let program = desk.app_path()?.with_file_name("coord");
    window.write("Command", &program.to_string_lossy()).await?;
    window.write("Arguments", "demo-agent").await?;
    window.press("Test").await?;
    window.says("It started and began a session.").await?;
    window.picture("own-agent-works").await?;
    assert!(!knows(&desk).await?, "trying it changes nothing");
    window.press("Save agent").await?;
    // Its row has a test of its own, which asks the saved one.
    window.press("Test kite").await?;
    window.says("It started and began a session.").await?;
    window.picture("own-agent-row").await?;
    assert!(knows(&desk).await?);

    let job = coordinator
        .submit_to("kite", "Fly", "say the kite flies")
        .await?;
    becomes(&coordinator, &job, "done").await?;
    assert!(coordinator.log_of(&job).await?.contains("the kite flies"));
    window.close(&mut desk).await
}

async fn knows(desk: &Desk) -> anyhow::Result<bool> {
    let state = state(desk).await?;
    Ok(state.config.agents.keys().any(|name| name.0 == "kite"))
}
