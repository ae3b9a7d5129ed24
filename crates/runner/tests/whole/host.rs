//! What this program is when the runner starts it.

use std::{path::Path, process::ExitCode};

/// Runs as the worker or as the demo agent, when started as one.
pub(crate) fn run() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("worker") => Some(runner::worker::main(arguments.get(3).map(Path::new))),
        #[cfg(target_os = "linux")]
        Some(crate::worker::full::INSIDE) => Some(crate::worker::full::inside(
            Path::new(arguments.get(2)?),
            arguments.get(3)?,
        )),
        Some("demo-agent") => Some(demo_agent(arguments.get(2).map(String::as_str))),
        // Detection asks the program for its version.
        Some("--version") if arguments.len() == 2 => {
            println!("coord 0.0.0");
            Some(ExitCode::SUCCESS)
        }
        _ => None,
    }
}

fn demo_agent(argument: Option<&str>) -> ExitCode {
    if argument == Some("--version") {
        println!("coord 0.0.0");
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let served = runtime.block_on(agents::demo::main());
    // A read of the input may still wait in its thread.
    runtime.shutdown_background();
    if served.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
