//! A service that dies comes back; one that somebody stopped does not, however
//! little of the stop the tray has seen.

use control::{Client, message::Request};
use tokio::time::timeout;

use crate::{
    desk::{Desk, Furniture, PATIENCE, eventually},
    whole::{runs, state},
};

/// Stops in a row, each as early as it can come.
const ROUNDS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_comes_back_and_one_that_is_stopped_does_not() -> anyhow::Result<()>
{
    let mut desk = Desk::with(Furniture::default()).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;
    let first = service(&desk).await?;
    signal(&desk, "-KILL", first).await?;
    let second = eventually("another service runs", async || {
        let pid = state(&desk).await?.pid;
        Ok((pid != first).then_some(pid))
    })
    .await?;

    let stop = desk
        .coord(&["runner", "stop", "--data"])?
        .argument(desk.data());
    anyhow::ensure!(desk.run(&stop).await?.0, "the service can be stopped");
    the_tray_says_so(&desk).await?;
    eventually("the stopped service has ended", async || {
        Ok((!runs(second)).then_some(()))
    })
    .await?;
    desk.double.click(&["Start runner"]).await?;
    service(&desk).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_believed_however_early_it_comes() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;
    for _ in 0..ROUNDS {
        let killed = service(&desk).await?;
        signal(&desk, "-KILL", killed).await?;
        // The tray starts another one, and it is told to stop with its first breath.
        timeout(PATIENCE, stop_at_once(&desk)).await?;
        the_tray_says_so(&desk).await?;
        assert!(state(&desk).await.is_err(), "no service runs");
        desk.double.click(&["Start runner"]).await?;
    }
    service(&desk).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_believed_by_a_tray_that_has_not_seen_it() -> anyhow::Result<()> {
    let mut desk = Desk::with(Furniture::default()).await?;
    let app = desk.app(&[])?;
    let tray = desk.start("app", &app)?;
    let first = service(&desk).await?;
    let tray_pid = desk.pid(tray)?;
    signal(&desk, "-STOP", tray_pid).await?;
    signal(&desk, "-KILL", first).await?;
    let lock = desk.data().join("lock");
    eventually("the killed service has let go of its data", async || {
        Ok(std::fs::File::open(&lock)?.try_lock().is_ok().then_some(()))
    })
    .await?;
    let another = desk
        .coord(&["runner", "start", "--data"])?
        .argument(desk.data());
    desk.start("another", &another)?;
    timeout(PATIENCE, stop_at_once(&desk)).await?;
    eventually("the stopped service has ended", async || {
        Ok(state(&desk).await.is_err().then_some(()))
    })
    .await?;
    signal(&desk, "-CONT", tray_pid).await?;
    the_tray_says_so(&desk).await?;

    // Whoever opens the app anew wants the service.
    desk.end(tray).await?;
    desk.start("app again", &app)?;
    service(&desk).await?;
    Ok(())
}

async fn the_tray_says_so(desk: &Desk) -> anyhow::Result<()> {
    let menu = desk
        .double
        .menu_when("the tray says that the service is stopped", |menu| {
            menu.first().is_some_and(|first| first == "(Stopped)")
        })
        .await?;
    anyhow::ensure!(menu.contains(&"Start runner".to_owned()), "{menu:?}");
    Ok(())
}

/// The process of the service, as soon as one answers.
async fn service(desk: &Desk) -> anyhow::Result<u32> {
    eventually("the service runs", async || {
        Ok(Some(state(desk).await?.pid))
    })
    .await
}

/// Asks for a stop again and again, until a service has heard it.
async fn stop_at_once(desk: &Desk) {
    let data = desk.data();
    loop {
        if let Ok(client) = Client::connect(&data).await
            && client.call(Request::Stop { now: false }).await.is_ok()
        {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Sends a signal to a process.
pub(crate) async fn signal(desk: &Desk, signal: &str, pid: u32) -> anyhow::Result<()> {
    let kill = desk.system("kill")?.arguments([signal, &pid.to_string()]);
    anyhow::ensure!(desk.run(&kill).await?.0, "process {pid} takes {signal}");
    Ok(())
}
