//! The fields of the settings page: units, checks, and what is asked of the service.

use control::{
    message::Request,
    state::{ConfigPatch, SpaceConfig},
};

use crate::{
    desk::{Desk, Furniture},
    driver::Window,
    scripted::{self, Service},
};

#[tokio::test(flavor = "multi_thread")]
async fn room_on_the_disk_is_set_in_gigabytes_and_days() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let mut state = scripted::online(&desk);
    state.config.space = SpaceConfig {
        disk_floor_mb: 1500,
        keep_days: 30,
        aside_days: 7,
    };
    state.config.locked = vec!["aside_days".to_owned()];
    let service = Service::start(&desk, state).await?;
    let window = Window::open(&mut desk, &["--page", "settings"]).await?;
    let floor = window.field("Free space to leave").await?;
    assert_eq!(floor.prop("value").await?.as_deref(), Some("1.5"));
    let aside = window.field("Delete what was put aside after").await?;
    assert_eq!(aside.prop("disabled").await?.as_deref(), Some("true"));

    window
        .write("Free space to leave", "two GB\u{e007}")
        .await?;
    window.reads("A number of gigabytes from 0").await?;
    window.picture("settings-disk-wrong").await?;
    window.write("Free space to leave", "2,5\u{e007}").await?;
    assert_eq!(asked(&service, "change the floor").await?, (2500, 30, 7));
    service.change(|state| state.config.space.disk_floor_mb = 2500);

    window
        .write("Keep finished work for", "1.5\u{e007}")
        .await?;
    window.reads("A whole number of days").await?;
    window.write("Keep finished work for", "0\u{e007}").await?;
    service
        .hears("keep for ever", |request| {
            (space_of(request)? == (2500, 0, 7)).then_some(())
        })
        .await?;
    service.change(|state| state.config.space.keep_days = 0);
    // What is never put aside is never deleted either.
    window.lacks("Delete what was put aside after").await?;
    window.picture("settings-disk").await?;
    window.close(&mut desk).await?;
    service.stop().await;
    Ok(())
}

async fn asked(service: &Service, what: &str) -> anyhow::Result<(u32, u32, u32)> {
    service.hears(what, space_of).await
}

fn space_of(request: &Request) -> Option<(u32, u32, u32)> {
    match request {
        Request::Configure {
            patch: ConfigPatch {
                space: Some(space), ..
            },
        } => Some((space.disk_floor_mb, space.keep_days, space.aside_days)),
        _ => None,
    }
}
