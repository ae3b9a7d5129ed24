//! `cargo xtask check`: everything that is looked at without running it.

mod deny;
mod imports;
mod lints;
mod promises;
mod sizes;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::{
    command::Program,
    generate, project, say,
    tools::{self, BUILD},
    ui,
};

/// One check.
struct Check {
    name: &'static str,
    run: fn() -> Result<()>,
}

/// In the order from fast to slow, so that the first answer comes early.
const CHECKS: &[Check] = &[
    Check {
        name: "format",
        run: format,
    },
    Check {
        name: "sizes",
        run: sizes::run,
    },
    Check {
        name: "imports",
        run: imports::run,
    },
    Check {
        name: "promises",
        run: promises::run,
    },
    Check {
        name: "inherited-lints",
        run: lints::run,
    },
    Check {
        name: "ui-lint",
        run: || ui::script("lint"),
    },
    Check {
        name: "ui-types",
        run: || ui::script("types"),
    },
    Check {
        name: "deny",
        run: deny::run,
    },
    Check {
        name: "clippy",
        run: clippy,
    },
    Check {
        name: "generated",
        run: || {
            window_files()?;
            generate::check()
        },
    },
    Check {
        name: "docs",
        run: docs,
    },
];

/// Runs the checks; all of them, so that one run shows everything that is wrong.
pub(crate) fn run(filter: &[String], yes: bool) -> Result<()> {
    tools::ensure(&[BUILD], yes)?;
    let chosen = |check: &&Check| {
        filter.is_empty() || filter.iter().any(|word| check.name.contains(word.as_str()))
    };
    let checks: Vec<&Check> = CHECKS.iter().filter(chosen).collect();
    if checks.is_empty() {
        let names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
        bail!("no check fits; there is: {}", names.join(", "));
    }
    let mut failed = Vec::new();
    for check in checks {
        say::step(&format!("check: {}", check.name));
        let begun = Instant::now();
        match (check.run)() {
            Ok(()) => say::line(&format!("  ok, {:.1} s", begun.elapsed().as_secs_f64())),
            Err(error) => {
                say::error(&format!("{error:#}"));
                failed.push(check.name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("checks failed: {}", failed.join(", "));
    }
    say::step("All checks passed.");
    Ok(())
}

fn format() -> Result<()> {
    Program::cargo().args(["fmt", "--all", "--check"]).run()
}

fn clippy() -> Result<()> {
    window_files()?;
    Program::cargo()
        .args(["clippy", "--locked", "--workspace", "--all-targets"])
        .args(["--", "-D", "warnings"])
        .run()
}

fn docs() -> Result<()> {
    window_files()?;
    Program::cargo()
        .args(["doc", "--locked", "--workspace", "--no-deps"])
        .args(["--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}

/// The desktop package takes the built window in; without one it does not compile.
fn window_files() -> Result<()> {
    if project::ui().join("dist/desktop").is_dir() {
        return Ok(());
    }
    ui::build()
}
