//! The desktop app with its window closed, against a tray on bare Tauri that never had one.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use tokio::time::sleep;

use crate::{
    desk::{Desk, Furniture, eventually},
    figures::Bar,
    processes, say,
};

/// How much more than bare the app may take.
const AIM: f64 = 1.2;
/// Time for a start, or for a window that was closed, to be over.
const SETTLE: Duration = Duration::from_secs(10);
/// Looks at the memory, of which the middle one counts.
const LOOKS: usize = 3;
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// For how long processor time is added up.
const WATCHED: Duration = Duration::from_secs(30);
/// Most processor time, in percent of one processor.
const CPU_MAX: f64 = 0.1;
/// The program that is measured.
const APP: &str = "coord-runner";
/// The desktop's own mark in the environment of everything on it.
const MARK: &str = "COORD_TEST_DESK";
/// The processes that a web view brings along.
const WEB_VIEW: &str = "WebKit";

/// Measures both, each on a desktop of its own.
pub(crate) async fn measure() -> Result<Vec<Bar>> {
    let bare = match bare().await {
        Ok(bare) => bare,
        Err(error) => {
            say(&format!(
                "no desktop can be started here, so the app is not measured: {error:#}"
            ));
            return Ok(Vec::new());
        }
    };
    let app = app().await?;
    Ok(vec![
        Bar::new(
            "desktop app idle, window closed, memory (PSS)",
            "MB",
            app.memory_mb,
        )
        .against("a bare tray that never had a window", bare, AIM)
        .note("its own processes; the service has a bar of its own"),
        Bar::new(
            "desktop app idle, window closed, processor",
            "%",
            app.cpu_percent,
        )
        .against("the most that it may take", CPU_MAX, 1.0)
        .note("of one processor, over 30 s"),
    ])
}

/// What the app takes while nothing happens.
struct Idle {
    memory_mb: f64,
    cpu_percent: f64,
}

async fn bare() -> Result<f64> {
    say("a bare tray on a private desktop");
    let mut desk = Desk::with(Furniture::default()).await?;
    let program = match std::env::var_os("COORD_BENCH_BARE_TRAY") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?
            .ancestors()
            .nth(2)
            .context("this program stands in the folder of builds")?
            .join("examples/bare_tray"),
    };
    ensure!(program.is_file(), "{} is missing", program.display());
    let program = desk.at(program);
    desk.start("bare", &program)?;
    in_the_tray(&desk).await?;
    memory(&desk, "bare_tray").await
}

async fn app() -> Result<Idle> {
    say("the app on a private desktop, with a window that opens and closes");
    let mut desk = Desk::with(Furniture::default()).await?;
    let app = desk.app(&[])?;
    desk.start("app", &app)?;
    in_the_tray(&desk).await?;
    let window = desk.app(&["window"])?;
    desk.start("window", &window)?;
    eventually("the window is there", async || {
        Ok((desk.windows().await? == ["Coord Runner"]).then_some(()))
    })
    .await?;
    sleep(SETTLE).await;
    desk.close_window().await?;
    eventually("the window is closed", async || {
        Ok(desk.windows().await?.is_empty().then_some(()))
    })
    .await?;
    let memory_mb = memory(&desk, APP).await?;
    let before = cpu(&desk)?;
    sleep(WATCHED).await;
    let used = cpu(&desk)?.saturating_sub(before);
    Ok(Idle {
        memory_mb,
        cpu_percent: 100.0 * used.as_secs_f64() / WATCHED.as_secs_f64(),
    })
}

async fn in_the_tray(desk: &Desk) -> Result<()> {
    eventually("an icon stands in the tray", async || {
        Ok((desk.double.tray_items().await? == 1).then_some(()))
    })
    .await
}

/// What the program and the processes of its web view take together.
async fn memory(desk: &Desk, name: &str) -> Result<f64> {
    sleep(SETTLE).await;
    let mut looks = Vec::new();
    for _ in 0..LOOKS {
        let mut sum = 0.0;
        for pid in processes_of(desk, name)? {
            sum += processes::pss_mb(pid)?;
        }
        looks.push(sum);
        sleep(LOOK_EVERY).await;
    }
    looks.sort_by(f64::total_cmp);
    looks.get(LOOKS / 2).copied().context("no look")
}

/// Processor time of the app so far.
fn cpu(desk: &Desk) -> Result<Duration> {
    let all = processes_of(desk, APP)?;
    all.into_iter().map(processes::cpu).sum()
}

/// The processes of the program and of its web view on this desktop.
fn processes_of(desk: &Desk, name: &str) -> Result<Vec<u32>> {
    let home = desk.home();
    let root = home.parent().context("a desktop has a folder")?;
    let all: Vec<u32> = processes::marked(MARK, &root.to_string_lossy())
        .into_iter()
        .filter(|(_, program)| program == name || program.starts_with(WEB_VIEW))
        .map(|(pid, _)| pid)
        .collect();
    ensure!(!all.is_empty(), "{name} does not run");
    Ok(all)
}
