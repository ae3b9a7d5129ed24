//! `coord` alone: what it is for, and how this machine does.

use std::path::Path;

use clap::CommandFactory as _;

use crate::{
    arguments::{self, Arguments},
    context,
    exit::{Done, Exit},
    output, runner, runtime,
};

/// Shows the short help and the state of this machine's service.
pub(crate) fn run() -> Done {
    let help = arguments::styled(Arguments::command()).render_help();
    output::text(&help.to_string())?;
    let data = context::runner_data(std::env::var_os("COORD_DATA").as_ref().map(Path::new))?;
    let state = runtime::small()?.block_on(runner::one_line(&data));
    output::text(&format!("\nThis machine: {state}"))?;
    Ok(Exit::Ok)
}
