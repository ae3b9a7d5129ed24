//! Whether this desktop shows a tray at all.

/// Whether something on the session bus shows tray icons.
#[cfg(target_os = "linux")]
pub(super) async fn is_there() -> bool {
    let asked = async {
        let bus = zbus::Connection::session().await?;
        let names = zbus::fdo::DBusProxy::new(&bus).await?;
        let watcher = zbus::names::BusName::try_from("org.kde.StatusNotifierWatcher")?;
        names
            .name_has_owner(watcher)
            .await
            .map_err(zbus::Error::from)
    };
    let asked = tokio::time::timeout(std::time::Duration::from_secs(5), asked).await;
    matches!(asked, Ok(Ok(true)))
}

/// These systems always have one.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_async, reason = "asking is a wait elsewhere")]
pub(super) async fn is_there() -> bool {
    true
}
