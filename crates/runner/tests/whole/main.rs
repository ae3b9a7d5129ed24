//! Whole processes: the worker with the demo agent, and the service before a fake coordinator.
//!
//! This program is also the one that the runner starts: with `worker` or
//! `demo-agent` as its first argument it is that. Otherwise it is a test
//! harness that understands the usual options.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests; a harness of one's own is not seen as such"
)]

mod fake;
mod host;
mod service;
mod worker;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    if let Some(code) = host::run() {
        return code;
    }
    // Silent unless RUST_LOG asks for it.
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let mut trials = Vec::new();
    trials.extend(worker::trials());
    trials.extend(worker::stays::trials());
    #[cfg(target_os = "linux")]
    trials.extend(worker::full::trials());
    trials.extend(service::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A test that is async, with a limit on its time: nothing may hang.
fn trial<F, Fut>(name: &str, test: F) -> Trial
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = ()>,
{
    Trial::test(name.to_owned(), move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let limit = std::time::Duration::from_mins(1);
        runtime
            .block_on(async { tokio::time::timeout(limit, test()).await })
            .map_err(|_| Failed::from("it took more than a minute"))
    })
}
