//! `cargo xtask build`

use anyhow::Result;

use crate::{
    command::Program,
    project, say,
    tools::{self, BUILD},
    ui,
};

/// Builds the user interface, then the two binaries, without tests.
pub(crate) fn run(release: bool, yes: bool) -> Result<()> {
    tools::ensure(&[BUILD], yes)?;
    say::step("User interface");
    ui::build()?;
    say::step("Binaries");
    binaries(release)?;
    for name in ["coord", "coord-runner"] {
        say::line(&project::binary(name, release)?.display().to_string());
    }
    Ok(())
}

/// Builds all of the workspace with all its tests, which then compile nothing more.
pub(crate) fn everything() -> Result<()> {
    Program::cargo()
        .args(["build", "--locked", "--workspace", "--all-targets"])
        .run()
}

/// Builds `coord` and `coord-runner`; the user interface must stand already.
pub(crate) fn binaries(release: bool) -> Result<()> {
    let mut build = Program::cargo().args([
        "build",
        "--locked",
        "-p",
        "cli",
        "-p",
        "coord-runner",
        "--bins",
    ]);
    if release {
        build = build.args(["--release"]);
    }
    build.run()
}
