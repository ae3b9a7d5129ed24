//! How long it takes until everything is as it was, after something went away and came back.
//!
//! Each is held against its aim, or against what the settings make of it.

mod fleet;

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use whole::{
    Job, Runner, Stage, processes,
    proxy::{Fault, Proxy, Target},
    until,
};

use crate::{
    figures::{Bar, Times},
    say,
};

const RESTARTS: usize = 5;
const SERVICE_AIM_MS: f64 = 2_000.0;
const FLEET_AIM_S: f64 = 5.0;
/// Lease and grace of the coordinator from which a runner is lost.
const TERMS_S: (u64, u64) = (10, 10);
/// Time beyond lease and grace: between two looks, to the other machine and into its journal.
const LOOK_AIM: f64 = 1.25;
/// For how long the network is away.
const CUT: Duration = Duration::from_secs(12);
/// The longest pause between two tries of a runner that reaches nobody.
const TRY_S: f64 = 20.0;

/// Takes all of these figures.
pub(crate) async fn measure() -> Result<Vec<Bar>> {
    let mut bars = vec![service()];
    bars.push(fleet::measure().await?);
    bars.push(lost().await?);
    bars.push(network().await?);
    Ok(bars)
}

/// A killed service, from its start to the moment when it has its worker again.
fn service() -> Bar {
    say("restarting a service");
    let stage = Stage::ready();
    let mut runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "say begin\nwait 10m\n");
    job.wait_for_words("begin");
    let mut times = Times::default();
    for _ in 0..RESTARTS {
        runner.end("KILL");
        let began = Instant::now();
        runner.start();
        until("the worker to be found again", || {
            let said = runner.coord(&["status", "--json"]).run().stdout;
            let status: Value = serde_json::from_str(&said).ok()?;
            let attempt = status["attempts"].as_array()?.first()?.clone();
            (attempt["worker_answers"] == true && status["state"] == "online").then_some(())
        });
        times.push(began.elapsed());
    }
    job.coord("cancel", &[]).run().ok();
    let bar = Bar::new("service restarted", "ms", times.percentile_ms(50));
    bar.against("what it may take", SERVICE_AIM_MS, 1.0)
        .note(format!(
            "until its worker is known again and it is online; the median of {RESTARTS}"
        ))
}

/// A machine that is gone, until its job is on another one.
async fn lost() -> Result<Bar> {
    say("losing a runner");
    let stage = Stage::empty()?;
    let (lease, grace) = TERMS_S;
    std::fs::write(
        stage.path("coordinator/coordinator.toml"),
        format!(
            "[sign_in]\ndevice_interval_s = 1\n[leases]\nlease_s = {lease}\ngrace_s = {grace}\n"
        ),
    )?;
    stage.bootstrap();
    stage.start_coordinator();
    stage.login();
    let mut first = Runner::online(&stage, "first");
    let job = Job::submit(&stage, "say begin\nwait 10m\n");
    job.wait_for_words("begin");
    let _second = Runner::online(&stage, "second");
    // Nobody is found lost before coordinators have been up for as long as that takes.
    sleep(Duration::from_secs(lease + grace)).await;
    let began = Instant::now();
    first.end("KILL");
    for process in processes::below(&first.data()) {
        processes::signal(process.id, "KILL");
    }
    until("the job to be on the other machine", || {
        let show = job.show();
        (show["attempts"].as_array()?.last()?["runner"] == "second").then_some(())
    });
    let took = began.elapsed().as_secs_f64();
    job.coord("cancel", &[]).run().ok();
    let terms = u32::try_from(lease + grace)?;
    Ok(Bar::new("runner lost", "s", took)
        .against("lease and grace", f64::from(terms), LOOK_AIM)
        .note("until its job is confirmed by another; the usual terms are 300 s"))
}

/// A network that was away, until the log is whole at the coordinator.
async fn network() -> Result<Bar> {
    say("cutting a network");
    let stage = Stage::ready();
    let behind = stage.url().trim_start_matches("http://").parse()?;
    let proxy = Proxy::start(vec![Target::Tcp(behind)])?;
    stage
        .coord(["login", "--server", &proxy.url(), "--email"])
        .arg(whole::stage::EMAIL)
        .arg("--password-file")
        .arg(stage.path("password"))
        .run()
        .ok();
    let runner = Runner::prepared(&stage, "box");
    // Ends with the stage, as everything does that works below its folder.
    let mut service = stage
        .coord(["runner", "start", "--no-input", "--name", "box", "--server"])
        .args([proxy.url().as_str(), "--data"])
        .arg(runner.data())
        .arg("--workspace-dir")
        .arg(runner.jobs())
        .start(&stage.path("box.log"))?;
    runner.wait_for_state("online");
    let job = Job::submit(&stage, "say begin\nwait 3s\nflood 20000 100\nwait 10m\n");
    job.wait_for_words("begin");
    // Asked for now: the command line goes through the same network.
    let record = job.record(&runner).join("log.ndjson");
    proxy.set_fault(Some(Fault::Cut));
    sleep(CUT).await;
    let lines = until("the agent to have said everything", || {
        let text = std::fs::read_to_string(&record).ok()?;
        let count = text.lines().count();
        (count > 20_000).then_some(count)
    });
    let began = Instant::now();
    proxy.set_fault(None);
    until("the log to be whole", || {
        let show = job.show();
        let last = show["attempts"][0]["log_last"].as_u64()?;
        (usize::try_from(last).ok()? >= lines).then_some(())
    });
    let took = began.elapsed().as_secs_f64();
    job.coord("cancel", &[]).run().ok();
    processes::signal(service.id(), "KILL");
    service.wait()?;
    Ok(Bar::new("network back", "s", took)
        .against("the longest pause between two tries", TRY_S, 1.0)
        .note(format!(
            "until {lines} lines are kept, after {} s away",
            CUT.as_secs()
        )))
}
