//! What the owner allows others to do with the machine, set in the window.

use control::{
    message::Request,
    state::{ConfigPatch, SharedUseConfig},
};
use protocol::{
    agent::{AgentName, AgentStatus, Detection},
    runner::PermissionLevel,
};

use crate::{
    desk::{Desk, Furniture},
    driver::Window,
    scripted::{self, Service},
};

/// Leaves a field, and says so.
const TAB: char = '\u{e004}';
/// Takes away what stands before the cursor.
const BACK: char = '\u{e003}';

/// Waits until the window asks for this, carries it out, and waits until the window knows.
async fn becomes(
    service: &Service,
    window: &Window,
    what: &str,
    wanted: &SharedUseConfig,
) -> anyhow::Result<()> {
    service
        .hears(what, |request| match request {
            Request::Configure {
                patch:
                    ConfigPatch {
                        shared_use: Some(asked),
                        ..
                    },
            } => (asked == wanted).then_some(()),
            _ => None,
        })
        .await?;
    let wanted = wanted.clone();
    let seen = format!("Ada, who said {what}");
    service.change(|state| {
        state.config.shared_use = wanted;
        if let Some(account) = &mut state.account {
            account.name.clone_from(&seen);
        }
    });
    window.reads(&seen).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_has_the_last_word_over_what_others_do() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let mut state = scripted::online(&desk);
    state.agents.push(AgentStatus {
        detection: Detection::Detected,
        ..AgentStatus::not_found(AgentName::CLAUDE, "Claude Code")
    });
    let service = Service::start(&desk, state).await?;
    let window = Window::open(&mut desk, &["--page", "settings"]).await?;
    let mut wanted = SharedUseConfig::default();

    let people = format!("Grace@Example.com bob@example.com{TAB}");
    window.write("People", &people).await?;
    wanted.people = vec!["grace@example.com".into(), "bob@example.com".into()];
    becomes(&service, &window, "who", &wanted).await?;

    window.press("Let others use Claude Code").await?;
    wanted.agents = vec![AgentName::new(AgentName::DEMO)];
    becomes(&service, &window, "which agents", &wanted).await?;

    let level = window.field("Their agents").await?;
    level.select_by_value("read_only").await?;
    wanted.permission = PermissionLevel::ReadOnly;
    becomes(&service, &window, "how much", &wanted).await?;

    // A slip of the fingers never lifts the limit.
    let at_once = window.field("Jobs of others at once").await?;
    at_once.send_keys(&format!("2{TAB}")).await?;
    wanted.at_once = Some(2);
    becomes(&service, &window, "how many", &wanted).await?;
    at_once.send_keys(&format!("{BACK}two{TAB}")).await?;
    window.reads("A whole number from 1").await?;
    window.picture("settings-sharing-wrong").await?;
    let three = format!("{BACK}{BACK}{BACK}3{TAB}");
    at_once.send_keys(&three).await?;
    wanted.at_once = Some(3);
    becomes(&service, &window, "how many, put right", &wanted).await?;

    let hours = format!("Mon-Fri 18:00-08:00{TAB}");
    window.write("Hours", &hours).await?;
    wanted.hours = Some("Mon-Fri 18:00-08:00".to_owned());
    becomes(&service, &window, "when", &wanted).await?;
    window.picture("settings-sharing").await?;

    window
        .press("Let others use this machine where it is shared")
        .await?;
    wanted.allowed = false;
    becomes(&service, &window, "nobody at all", &wanted).await?;
    window.lacks("Jobs of others at once").await?;
    let asked = service.heard(|request| matches!(request, Request::Configure { .. }));
    assert_eq!(asked.await, 7, "the slip was never sent");
    window.close(&mut desk).await?;
    service.stop().await;
    Ok(())
}
