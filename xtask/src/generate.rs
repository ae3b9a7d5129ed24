//! `cargo xtask generate`: TypeScript types from the Rust ones.
//!
//! `coord` prints its interfaces as OpenAPI; `openapi-typescript` makes types
//! of them. Both are committed, so that a change of an interface shows.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{build, command::Program, project, ui};

/// Each interface: what `coord schema` calls it, and the name of its files.
const INTERFACES: [(&str, &str); 2] = [("api", "coordinator"), ("control", "control")];

/// Writes all files anew.
pub(crate) fn run() -> Result<()> {
    Program::cargo()
        .args(["build", "--quiet", "--locked", "-p", "cli"])
        .run()?;
    into(&folder())
}

/// Fails when a committed file differs from what would be made now.
pub(crate) fn check() -> Result<()> {
    build::everything()?;
    let fresh = project::target()?.join("generated");
    into(&fresh)?;
    let mut stale = Vec::new();
    for (_, name) in INTERFACES {
        for file in [format!("{name}.json"), format!("{name}.ts")] {
            let committed = fs::read(folder().join(&file)).unwrap_or_default();
            if committed != fs::read(fresh.join(&file))? {
                stale.push(file);
            }
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    bail!(
        "{} differ from the Rust types: run `cargo xtask generate` and commit the result",
        stale.join(", ")
    );
}

fn folder() -> PathBuf {
    project::ui().join("src/client/generated")
}

fn into(folder: &Path) -> Result<()> {
    ui::install(&project::ui())?;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let coord = project::binary("coord", false)?;
    for (interface, name) in INTERFACES {
        let document = Program::new(&coord)
            .args(["schema", interface])
            .quiet()
            .output()?;
        let json = folder.join(format!("{name}.json"));
        fs::write(&json, document)
            .with_context(|| format!("{} cannot be written", json.display()))?;
        let types = folder.join(format!("{name}.ts"));
        Program::new(project::ui().join("node_modules/.bin/openapi-typescript"))
            .args([json.as_os_str(), "--output".as_ref(), types.as_os_str()])
            .dir(project::ui())
            .quiet()
            .output()?;
    }
    Ok(())
}
