//! What is needed beside Rust and Node, and how it gets here.

mod agents;
mod bundler;
mod cargo;
mod installer;
mod npm;
mod oidc_provider;
mod packages;
mod probe;

use anyhow::{Result, bail};

use crate::{project, say};

pub(crate) use agents::agents;
pub(crate) use bundler::bundler;
pub(crate) use cargo::{cargo_deny, nextest};
pub(crate) use oidc_provider::oidc_provider;
pub(crate) use packages::{BUILD, CHAOS, TEST};
pub(crate) use probe::find_program;

use installer::Installer;
use packages::Package;

/// The browser in which the web app is tested.
pub(crate) fn chromium() -> Result<std::path::PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = names.iter().find_map(|name| find_program(name));
    found.ok_or_else(|| anyhow::anyhow!("no browser: install Chromium"))
}

/// Makes sure that all of `groups` is here; installs what is missing, and asks before.
pub(crate) fn ensure(groups: &[&[Package]], yes: bool) -> Result<()> {
    node()?;
    let missing = missing(groups);
    if missing.is_empty() {
        return Ok(());
    }
    say::step("Some packages are missing:");
    for package in &missing {
        say::line(&format!(
            "  {:<40} {}",
            package.here().unwrap_or(package.apt),
            package.purpose
        ));
    }
    let Some(installer) = Installer::of_this_system() else {
        bail!("install these with your system's package manager, then run this again");
    };
    let names: Vec<_> = missing.iter().filter_map(Package::here).collect();
    let command = installer.text(&names);
    let allowed = yes || project::is_ci() || installer::is_root() || {
        say::somebody_is_there() && say::ask(&format!("Install them with `{command}`?"))
    };
    if !allowed {
        bail!("install them with `{command}`, or run this again with --yes");
    }
    installer.install(&names)?;
    let still = self::missing(groups);
    if still.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = still.iter().map(|package| package.purpose).collect();
    bail!("still missing after the installation: {}", names.join(", "));
}

fn missing(groups: &[&[Package]]) -> Vec<Package> {
    let all = groups.iter().flat_map(|group| group.iter());
    all.filter(|package| package.here().is_some() && !package.probe.finds())
        .copied()
        .collect()
}

/// Node and npm come with the machine, as Rust does.
fn node() -> Result<()> {
    for program in ["node", "npm"] {
        if find_program(program).is_none() {
            bail!("`{program}` is missing: install Node 20.19 or newer, then run this again");
        }
    }
    Ok(())
}
