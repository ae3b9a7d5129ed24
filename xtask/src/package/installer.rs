//! Installers of the desktop app, made by Tauri's bundler from what is built already.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::System;
use crate::{command::Program, project, tools};

/// One kind of installer.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// The bundler's word, which is its folder too.
    word: &'static str,
    /// The file's ending.
    ending: &'static str,
}

const fn kind(word: &'static str, ending: &'static str) -> Kind {
    Kind { word, ending }
}

/// What is made on this system.
const KINDS: &[Kind] = if cfg!(target_os = "macos") {
    &[kind("dmg", "dmg")]
} else if cfg!(windows) {
    &[kind("nsis", "exe"), kind("msi", "msi")]
} else {
    &[kind("deb", "deb"), kind("rpm", "rpm")]
};

const APP_IMAGE: Kind = kind("appimage", "AppImage");

/// Makes them, and moves them into `out` under the names that the download page knows.
pub(super) fn make(
    debug: bool,
    app_image: bool,
    target: &Path,
    version: &str,
    system: System,
    out: &Path,
) -> Result<Vec<PathBuf>> {
    side_program(debug, target)?;
    let mut kinds = KINDS.to_vec();
    if app_image {
        kinds.push(APP_IMAGE);
    }
    let words: Vec<_> = kinds.iter().map(|kind| kind.word).collect();
    let bundler = tools::bundler()?;
    let mut bundle = Program::new("node").args([
        bundler.as_os_str(),
        "bundle".as_ref(),
        "--bundles".as_ref(),
        words.join(",").as_ref(),
        "--config".as_ref(),
        "src-tauri/bundle.conf.json".as_ref(),
    ]);
    if debug {
        bundle = bundle.args(["--debug"]);
    }
    bundle.env("CARGO_TARGET_DIR", target).run()?;
    let made = target.join(profile(debug)).join("bundle");
    kinds
        .iter()
        .map(|kind| {
            let file = newest(&made.join(kind.word), kind.ending)?;
            let name = format!("coord-runner-{version}-{system}.{}", kind.ending);
            let to = out.join(name);
            fs::copy(&file, &to).with_context(|| format!("{} cannot be copied", file.display()))?;
            Ok(to)
        })
        .collect()
}

/// Puts `coord` where the bundler looks for the program that the app brings along.
///
/// The bundler wants it below the project, under the name of the system that it is for.
fn side_program(debug: bool, target: &Path) -> Result<()> {
    let triple = Program::new("rustc")
        .args(["--print", "host-tuple"])
        .output()?;
    let suffix = std::env::consts::EXE_SUFFIX;
    let folder = project::root().join("target/bundle");
    fs::create_dir_all(&folder)?;
    let from = target.join(profile(debug)).join(format!("coord{suffix}"));
    let to = folder.join(format!("coord-{}{suffix}", triple.trim()));
    fs::copy(&from, &to).with_context(|| format!("{} cannot be copied", from.display()))?;
    Ok(())
}

const fn profile(debug: bool) -> &'static str {
    if debug { "debug" } else { "release" }
}

/// The file of this ending that was written last; older ones are of earlier versions.
fn newest(folder: &Path, ending: &str) -> Result<PathBuf> {
    let mut found = None;
    for entry in
        fs::read_dir(folder).with_context(|| format!("the bundler made no {}", folder.display()))?
    {
        let entry = entry?;
        let path = entry.path();
        if path.extension().is_some_and(|is| is == ending) {
            let written = entry.metadata()?.modified()?;
            if found.as_ref().is_none_or(|(before, _)| *before < written) {
                found = Some((written, path));
            }
        }
    }
    match found {
        Some((_, path)) => Ok(path),
        None => bail!("the bundler made no .{ending} in {}", folder.display()),
    }
}
