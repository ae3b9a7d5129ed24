//! Notifications: one when something waits, replaced by the next, gone when answered.

use crate::{
    desk::{Desk, Furniture, eventually},
    scripted::{self, Service},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_tells_what_waits_and_is_withdrawn_when_it_is_answered() -> anyhow::Result<()>
{
    let mut desk = Desk::with(Furniture::default()).await?;
    let service = Service::start(&desk, scripted::online(&desk)).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;
    desk.double
        .menu_when("the tray stands", |menu| menu.len() > 3)
        .await?;
    assert_eq!(desk.double.notifications().await?.len(), 0);

    service.change(|state| {
        state
            .attempts
            .push(scripted::attempt(12, "Fix the login redirect"));
        state
            .approvals
            .push(scripted::approval(12, "git push && rm -rf <dir>"));
    });
    let first = nth(&desk, 1).await?;
    assert_eq!(first["summary"], "Approval needed");
    assert_eq!(
        first["body"],
        "#12 Fix the login redirect wants to run: git push &amp;&amp; rm -rf &lt;dir&gt;"
    );
    assert_eq!(first["app"], "Coord Runner");
    let actions = serde_json::json!(["default", "Open", "review", "Review"]);
    assert_eq!(first["actions"], actions);

    service.change(|state| state.approvals.push(scripted::approval(13, "make")));
    let second = nth(&desk, 2).await?;
    assert_eq!(second["summary"], "2 approvals waiting");
    assert_eq!(second["replaces"], first["id"]);

    service.change(|state| state.approvals.clear());
    eventually("the notification is withdrawn", async || {
        let shown = desk.double.notifications().await?;
        Ok(shown
            .iter()
            .all(|shown| shown["open"] == false)
            .then_some(()))
    })
    .await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_the_notification_opens_the_window() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let service = Service::start(&desk, scripted::online(&desk)).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;
    service.change(|state| state.approvals.push(scripted::approval(12, "git push")));
    let shown = nth(&desk, 1).await?;
    let id = shown["id"].as_u64().unwrap_or_default();
    desk.double.press(id, "default").await?;
    eventually("the window is open", async || {
        Ok((desk.windows().await? == ["Coord Runner"]).then_some(()))
    })
    .await?;
    service.stop().await;
    Ok(())
}

async fn nth(desk: &Desk, n: usize) -> anyhow::Result<serde_json::Value> {
    eventually(&format!("notification {n} is shown"), async || {
        let shown = desk.double.notifications().await?;
        Ok(shown.get(n - 1).cloned())
    })
    .await
}
