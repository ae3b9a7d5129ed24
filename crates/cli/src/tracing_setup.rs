//! What a long-running process says about its work, on standard error.

use std::io;

use tracing_subscriber::{EnvFilter, fmt};

use crate::context::Context;

/// Begins to write what happens; `RUST_LOG` chooses what, else `-v` and `-q` do.
pub(crate) fn start(context: &Context) {
    let level = match (context.output.quiet, context.verbose) {
        (true, _) => "warn",
        (false, 0) => "info",
        (false, 1) => "debug",
        (false, _) => "trace",
    };
    let fallback = if context.verbose > 1 {
        level.to_owned()
    } else {
        // Libraries say much at their lower levels that is of no use here.
        format!(
            "warn,coordinator={level},store={level},runner={level},agents={level},process={level},settings={level},control={level},journal={level},coord={level}"
        )
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(fallback));
    let builder = fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second subscriber in the same process is refused; the first one goes on.
    let started = if context.output.json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder
            .with_ansi(context.output.colours_messages())
            .with_target(false)
            .try_init()
    };
    drop(started);
}
