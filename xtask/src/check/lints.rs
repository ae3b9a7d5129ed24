//! Every package takes the workspace's lints, and none softens them.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};

use crate::project;

/// Fails with the packages that do not.
pub(super) fn run() -> Result<()> {
    let packages = project::metadata()?["packages"]
        .as_array()
        .context("cargo names no packages")?;
    let mut missing = Vec::new();
    for package in packages {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let text = fs::read_to_string(Path::new(manifest))
            .with_context(|| format!("{manifest} cannot be read"))?;
        if !inherits(&text) {
            missing.push(package["name"].as_str().unwrap_or_default());
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "these packages do not inherit the workspace's lints: {}; add `[lints]` with `workspace = true`",
        missing.join(", ")
    );
}

fn inherits(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim);
    lines.any(|line| line == "[lints]")
        && lines.find(|line| !line.is_empty()) == Some("workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_workspace_own_lints_count() {
        assert!(inherits("[package]\n\n[lints]\nworkspace = true\n"));
        assert!(!inherits("[package]\nname = \"a\"\n"));
        assert!(!inherits(
            "[lints]\n[lints.rust]\nunsafe_code = \"allow\"\n"
        ));
    }
}
