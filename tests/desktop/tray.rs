//! The tray: its menu and picture follow the service, and its rows do what they say.

use control::{message::Request, state::Connection};

use crate::{
    desk::{Desk, Furniture, eventually},
    scripted::{self, Service},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_begins_with_sign_in_and_then_follows_the_service() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let service = Service::start(&desk, scripted::signed_out(&desk)).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;

    let menu = desk
        .double
        .menu_when("the menu stands", |menu| {
            menu.len() > 1 && menu[0] == "Sign in…"
        })
        .await?;
    assert_eq!(menu[1], "(Signed out)");
    assert_eq!(desk.double.tray_items().await?, 1);
    let signed_out = desk.double.tray_picture().await?;

    service.change(|state| *state = scripted::online(&desk));
    let menu = desk
        .double
        .menu_when("the runner is ready", |menu| {
            menu.first()
                .is_some_and(|first| first == "(Ready · 0 of 3 jobs running)")
        })
        .await?;
    assert_eq!(
        menu,
        [
            "(Ready · 0 of 3 jobs running)",
            "-",
            "Pause for: 15 minutes, 1 hour, Until tomorrow, Until I resume",
            "-",
            "Open Coord Runner",
            "Open board in browser",
            "Settings…",
            "-",
            "(Signed in as Ada)",
            "Quit tray (runner keeps working)",
        ]
    );
    assert_ne!(desk.double.tray_picture().await?, signed_out);

    service.change(|state| {
        state
            .attempts
            .push(scripted::attempt(12, "Fix the login redirect"));
        state.approvals.push(scripted::approval(12, "git push"));
    });
    let menu = desk
        .double
        .menu_when("an approval waits", |menu| {
            menu.iter().any(|row| row == "⚠ 1 approval waiting…")
        })
        .await?;
    assert!(
        menu.contains(&"● Fix the login redirect – under a minute".to_owned()),
        "{menu:?}"
    );

    service.change(|state| {
        state.connection = Connection::Removed;
        state.attempts.clear();
        state.approvals.clear();
    });
    desk.double
        .menu_when("it was removed", |menu| {
            menu.first()
                .is_some_and(|first| first == "(This runner was removed)")
        })
        .await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_menu_reach_the_service_and_the_browser() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let service = Service::start(&desk, scripted::online(&desk)).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;

    desk.double.click(&["Pause for", "1 hour"]).await?;
    let paused = |request: &Request| match request {
        Request::Pause { for_ms, .. } => Some(*for_ms),
        _ => None,
    };
    assert_eq!(service.hears("pause", paused).await?, Some(3_600_000));

    desk.double.click(&["Open board in browser"]).await?;
    let opened = eventually("the board opens", async || {
        Ok(desk.opened().into_iter().next())
    })
    .await?;
    assert_eq!(opened, "https://coord.example.com");
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_opens_from_the_tray_closes_alone_and_a_second_start_focuses_it()
-> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let service = Service::start(&desk, scripted::online(&desk)).await?;
    let app = desk.app(&[])?;
    let tray = desk.start("app", &app)?;

    desk.double.click(&["Open Coord Runner"]).await?;
    let is_open = async || Ok((desk.windows().await? == ["Coord Runner"]).then_some(()));
    eventually("the window is open", is_open).await?;
    desk.close_window().await?;
    let is_closed = async || Ok(desk.windows().await?.is_empty().then_some(()));
    eventually("the window is closed", is_closed).await?;
    assert!(desk.runs(tray), "the tray outlives its window");

    assert!(
        desk.run(&desk.app(&[])?).await?.0,
        "a second start hands over"
    );
    eventually("the window is open again", is_open).await?;
    let other = desk
        .system("xdotool")?
        .arguments(["key", "--clearmodifiers", "super"]);
    desk.run(&other).await?;
    assert!(
        desk.run(&desk.app(&[])?).await?.0,
        "a third start hands over"
    );
    let has_focus = async || Ok((desk.active_window().await? == "Coord Runner").then_some(()));
    eventually("the window has the keyboard", has_focus).await?;
    assert_eq!(
        desk.windows().await?,
        ["Coord Runner"],
        "there is one window"
    );
    assert_eq!(desk.double.tray_items().await?, 1);
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tray_host_the_window_opens_at_the_start() -> anyhow::Result<()> {
    let furniture = Furniture {
        tray: false,
        ..Furniture::default()
    };
    let mut desk = Desk::with(furniture).await?;
    let service = Service::start(&desk, scripted::online(&desk)).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;
    let is_open = async || Ok((desk.windows().await? == ["Coord Runner"]).then_some(()));
    eventually("the window is open", is_open).await?;
    let told = std::fs::read_to_string(desk.data().join("desktop.json"))?;
    assert!(told.contains("true"), "the hint is remembered: {told}");
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_a_service_of_somebody_else_ends_the_tray_and_its_window_only() -> anyhow::Result<()>
{
    let mut desk = Desk::with(Furniture::default()).await?;
    let service = Service::start(&desk, scripted::online(&desk)).await?;
    let app = desk.app(&["--page", "settings"])?;
    let tray = desk.start("app", &app)?;
    let is_open = async || Ok((desk.windows().await? == ["Coord Runner"]).then_some(()));
    eventually("the window is open", is_open).await?;

    desk.double
        .click(&["Quit tray (runner keeps working)"])
        .await?;
    eventually("the tray has ended", async || {
        Ok((!desk.runs(tray)).then_some(()))
    })
    .await?;
    let is_closed = async || Ok(desk.windows().await?.is_empty().then_some(()));
    eventually("the window is closed", is_closed).await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_service_is_renewed_from_the_menu() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let mut state = scripted::online(&desk);
    state.version = "0.0.9".to_owned();
    let service = Service::start(&desk, state).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;

    desk.double
        .click(&["Update ready – restart the runner"])
        .await?;
    let stopped = |request: &Request| match request {
        Request::Stop { now } => Some(*now),
        _ => None,
    };
    assert!(!service.hears("finish", stopped).await?);
    service.change(|state| state.draining = true);
    desk.double
        .menu_when("the old service finishes", |menu| {
            menu.first().is_some_and(|first| first == "(Stopping…)")
        })
        .await?;
    service.stop().await;
    desk.double
        .menu_when("the new service has taken its place", |menu| {
            menu.first().is_some_and(|first| first == "Sign in…")
        })
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_its_runner_program_says_so() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    std::fs::remove_file(desk.app_path()?.with_file_name("coord"))?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;
    let menu = desk
        .double
        .menu_when("the trouble is told", |menu| {
            menu.first()
                .is_some_and(|first| first.contains("could not be installed"))
        })
        .await?;
    assert!(menu.contains(&"Start runner".to_owned()), "{menu:?}");
    assert!(menu.contains(&"Quit…".to_owned()), "{menu:?}");
    Ok(())
}
