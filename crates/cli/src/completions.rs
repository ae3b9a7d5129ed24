//! `coord completions`

use clap::CommandFactory as _;
use clap_complete::{
    generate,
    shells::{Bash, Fish, PowerShell, Zsh},
};
use clap_complete_nushell::Nushell;

use crate::{
    arguments::{Arguments, Completions, Shell},
    exit::{Done, Exit},
    output,
};

/// Prints completions for a shell.
pub(crate) fn run(arguments: &Completions) -> Done {
    let mut command = Arguments::command();
    let mut script = Vec::new();
    match arguments.shell {
        Shell::Bash => generate(Bash, &mut command, "coord", &mut script),
        Shell::Zsh => generate(Zsh, &mut command, "coord", &mut script),
        Shell::Fish => generate(Fish, &mut command, "coord", &mut script),
        Shell::Powershell => generate(PowerShell, &mut command, "coord", &mut script),
        Shell::Nushell => generate(Nushell, &mut command, "coord", &mut script),
    }
    output::raw(&script)?;
    Ok(Exit::Ok)
}
