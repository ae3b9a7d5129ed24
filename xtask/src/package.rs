//! `cargo xtask package`: the files that people download, for the system that this runs on.
//!
//! Put the folder that it names at the end where a coordinator serves its
//! downloads from, together with the files of other systems that a release made.

mod archive;
mod checksums;
mod installer;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{
    build, project, say,
    tools::{self, BUILD},
    ui,
};

/// Builds, packs, and says where the files are.
pub(crate) fn run(debug: bool, app_image: bool, out: Option<PathBuf>, yes: bool) -> Result<()> {
    tools::ensure(&[BUILD], yes)?;
    say::step("User interface");
    ui::build()?;
    say::step("Binaries");
    build::binaries(!debug)?;
    let out = match out {
        Some(out) => out,
        None => project::target()?.join("package"),
    };
    for file in pack(debug, app_image, &out)? {
        say::line(&file.display().to_string());
    }
    Ok(())
}

/// Packs what is built already, and gives the paths of the files.
pub(crate) fn pack(debug: bool, app_image: bool, out: &Path) -> Result<Vec<PathBuf>> {
    let target = project::target()?;
    let system = System::of_this_machine();
    let version = version()?;
    clear(out)?;
    say::step("Archive of the command line");
    let mut files = vec![archive::make(
        &project::binary("coord", !debug)?,
        &format!("coord-{version}-{system}"),
        out,
    )?];
    say::step("Installers of the desktop app");
    files.extend(installer::make(
        debug, app_image, &target, &version, system, out,
    )?);
    files.push(checksums::write(out, &files)?);
    Ok(files)
}

/// The system and processor that the files are for, as their names say it.
#[derive(Debug, Clone, Copy)]
struct System {
    os: &'static str,
    arch: &'static str,
}

impl System {
    const fn of_this_machine() -> Self {
        Self {
            os: env::consts::OS,
            arch: env::consts::ARCH,
        }
    }
}

impl std::fmt::Display for System {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.os, self.arch)
    }
}

/// The product's version, from its workspace.
fn version() -> Result<String> {
    let metadata = project::metadata()?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo names no packages")?;
    let shell = packages
        .iter()
        .find(|package| package["name"] == "coord-runner")
        .context("there is no package coord-runner")?;
    let version = shell["version"].as_str();
    Ok(version.context("coord-runner has no version")?.to_owned())
}

/// An empty folder: files of an earlier version would be offered beside the new ones.
fn clear(out: &Path) -> Result<()> {
    let made = fs::create_dir_all(out);
    made.with_context(|| format!("{} cannot be made", out.display()))?;
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        if is_ours(&path) {
            fs::remove_file(&path)
                .with_context(|| format!("{} cannot be replaced", path.display()))?;
        }
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name == checksums::NAME || name.starts_with("coord-"))
}
