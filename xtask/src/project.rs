//! Where things are.

use std::{
    env,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::command::Program;

/// The project's folder.
///
/// Cargo says it when it runs this; what was said at build time may be another
/// clone with the same target directory.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let said = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let own = said.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        own.parent().map_or_else(|| own.clone(), Path::to_owned)
    })
}

/// The folder of the user interface.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// What cargo knows of the workspace, without what it depends on.
pub(crate) fn metadata() -> Result<&'static Value> {
    static METADATA: OnceLock<Value> = OnceLock::new();
    if let Some(metadata) = METADATA.get() {
        return Ok(metadata);
    }
    let text = Program::cargo()
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()?;
    let metadata = serde_json::from_str(&text).context("cargo's metadata are not JSON")?;
    Ok(METADATA.get_or_init(|| metadata))
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> Result<PathBuf> {
    let target = metadata()?["target_directory"].as_str();
    Ok(target.context("cargo names no target directory")?.into())
}

/// A binary as it was built.
pub(crate) fn binary(name: &str, release: bool) -> Result<PathBuf> {
    let profile = if release { "release" } else { "debug" };
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    Ok(target()?.join(profile).join(name))
}

/// Where tools are kept between runs.
pub(crate) fn cache() -> Result<PathBuf> {
    user_dir("XDG_CACHE_HOME", ".cache", "Library/Caches")
}

/// Where `run` keeps its data.
pub(crate) fn data() -> Result<PathBuf> {
    user_dir(
        "XDG_DATA_HOME",
        ".local/share",
        "Library/Application Support",
    )
}

fn user_dir(variable: &str, elsewhere: &str, on_macos: &str) -> Result<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from);
    if let Some(named) = named.filter(|path| path.is_absolute()) {
        return Ok(named.join("coord"));
    }
    let home = env::var_os("HOME").context("HOME is not set, so there is no place for files")?;
    let below = if cfg!(target_os = "macos") {
        on_macos
    } else {
        elsewhere
    };
    Ok(Path::new(&home).join(below).join("coord"))
}

/// Whether missing tools are failures and nobody can be asked.
pub(crate) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}
