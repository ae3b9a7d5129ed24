//! The stages, from what everything needs to what needs everything.

use std::path::Path;

use anyhow::Result;

use super::{needs::Needs, postgres::SharedPostgres};
use crate::{build, command::Program, package, project, say, tools, ui};

/// One stage.
pub(super) struct Stage {
    pub(super) name: &'static str,
    pub(super) purpose: &'static str,
    pub(super) run: fn(&Needs) -> Result<()>,
    /// Whether the stages after it mean nothing when it breaks.
    pub(super) carries_others: bool,
}

const fn stage(name: &'static str, purpose: &'static str, run: fn(&Needs) -> Result<()>) -> Stage {
    Stage {
        name,
        purpose,
        run,
        carries_others: false,
    }
}

const fn ground(name: &'static str, purpose: &'static str, run: fn(&Needs) -> Result<()>) -> Stage {
    Stage {
        name,
        purpose,
        run,
        carries_others: true,
    }
}

/// Tests of the whole that play with real agents, or bring their own PostgreSQL.
const ENGINE_MATTERS_NOT: &[&str] = &["claude::", "codex::", "own_agent::", "several::"];

pub(super) const STAGES: &[Stage] = &[
    ground("tools", "packages, test runner, agents", tools_stage),
    ground("ui", "unit tests, build", ui_stage),
    ground("build", "everything, with the window and all tests", |_| {
        build::everything()
    }),
    stage("rust", "unit, property and database tests", rust_stage),
    stage("whole", "the real binaries together", whole_stage),
    stage(
        "whole-postgres",
        "the same over PostgreSQL",
        whole_postgres_stage,
    ),
    stage(
        "chaos",
        "everything goes wrong, in its short form",
        chaos_stage,
    ),
    stage("browser", "the web app in a real browser", browser_stage),
    stage(
        "desktop",
        "the real window on a virtual display",
        desktop_stage,
    ),
    stage("package", "the files that people download", package_stage),
    stage(
        "run",
        "`cargo xtask run`, to its sample job's end",
        run_stage,
    ),
];

fn tools_stage(needs: &Needs) -> Result<()> {
    needs.packages()?;
    let nextest = tools::nextest()?;
    let agents = tools::agents()?;
    let provider = tools::oidc_provider()?;
    let shown = |path: &Path| path.display().to_string();
    say::line(&format!(
        "  test runner  {}",
        nextest.as_deref().map_or("cargo test".to_owned(), shown)
    ));
    for (agent, program) in agents {
        say::line(&format!("  {}  {}", agent.title, shown(&program)));
    }
    say::line(&format!("  OpenID Connect provider  {}", shown(&provider)));
    Ok(())
}

fn ui_stage(_: &Needs) -> Result<()> {
    for script in ["test", "build"] {
        ui::script(script)?;
    }
    Ok(())
}

fn rust_stage(_: &Needs) -> Result<()> {
    let tests = tests("not package(whole)", &["--workspace", "--exclude", "whole"])?;
    with_agents(tests)?
        .env("COORD_TEST_OIDC_PROVIDER", tools::oidc_provider()?)
        .run()?;
    // The test runner leaves out what stands in comments.
    Program::cargo()
        .args(["test", "--locked", "--workspace", "--doc", "--quiet"])
        .run()
}

fn whole_stage(_: &Needs) -> Result<()> {
    with_agents(whole("system", &[])?)?.run()
}

/// The same tests, where each coordinator has a database on one server: what differs fails.
fn whole_postgres_stage(_: &Needs) -> Result<()> {
    if cfg!(windows) {
        say::warning("PostgreSQL is started for tests with the means of Unix: left out here");
        return Ok(());
    }
    let postgres = SharedPostgres::start()?;
    whole("system", ENGINE_MATTERS_NOT)?
        .env("COORD_TEST_ENGINE", "postgres")
        .env("COORD_TEST_POSTGRES", postgres.folder())
        .run()
}

/// With the tests of the means by which things go wrong.
fn chaos_stage(_: &Needs) -> Result<()> {
    if !cfg!(target_os = "linux") {
        say::warning("processes are looked at with the means of Linux: left out here");
        return Ok(());
    }
    let filter = "package(whole) & (binary(=chaos) | kind(lib))";
    with_binaries(tests(filter, &["-p", "whole", "--lib", "--test", "chaos"])?)?.run()
}

/// Tells tests where the real agents are.
fn with_agents(tests: Program) -> Result<Program> {
    let agents = tools::agents()?;
    Ok(agents.into_iter().fold(tests, |tests, (agent, program)| {
        tests.env(agent.variable, program)
    }))
}

fn browser_stage(_: &Needs) -> Result<()> {
    ui::install(&project::root().join("tests/e2e"))?;
    whole("browser", &[])?
        .env("COORD_TEST_CHROMIUM", tools::chromium()?)
        .run()
}

fn desktop_stage(_: &Needs) -> Result<()> {
    whole("desktop", &[])?.run()
}

fn package_stage(_: &Needs) -> Result<()> {
    let packages = project::target()?.join("xtask-package");
    package::pack(true, false, &packages)?;
    whole("package", &[])?
        .env("COORD_TEST_PACKAGES", packages)
        .run()
}

fn run_stage(_: &Needs) -> Result<()> {
    let data = project::target()?.join("xtask-run");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    // Twice: the second run has to find the data of the first.
    for _ in 0..2 {
        crate::run::start(&data, true)?;
    }
    Ok(())
}

/// Runs Rust tests with nextest by `filter`, or `which` with cargo where that cannot be had.
///
/// Always over the whole workspace, so that nothing is compiled a second time
/// with another choice of features.
fn tests(filter: &str, which: &[&str]) -> Result<Program> {
    let cargo = Program::cargo();
    Ok(match tools::nextest()? {
        Some(nextest) => Program::new(nextest)
            .args(["nextest", "run", "--locked", "--no-fail-fast"])
            .args(["--workspace", "--filterset", filter]),
        None => cargo
            .args(["test", "--locked", "--no-fail-fast"])
            .args(which),
    })
}

/// One of the whole-system tests without some modules, with the binaries that it starts.
fn whole(binary: &str, without: &[&str]) -> Result<Program> {
    let mut filter = vec![format!("package(whole) & binary(={binary})")];
    let mut which = vec!["-p", "whole", "--test", binary, "--"];
    for module in without {
        filter.push(format!("not test(/^{module}/)"));
        which.extend(["--skip", module]);
    }
    with_binaries(tests(&filter.join(" & "), &which)?)
}

/// Tells tests where the binaries are.
fn with_binaries(tests: Program) -> Result<Program> {
    Ok(tests
        .env("COORD_TEST_COORD", project::binary("coord", false)?)
        .env(
            "COORD_TEST_RUNNER_APP",
            project::binary("coord-runner", false)?,
        ))
}
