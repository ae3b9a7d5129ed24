//! A home of one's own: folders, environment, and the programs to try.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use super::{Furniture, MARK};

/// Makes the folders, and the environment that leads there.
pub(super) fn environment(
    home: &Path,
    furniture: Furniture,
) -> anyhow::Result<Vec<(String, String)>> {
    let at = |name: &str| home.join(name).to_string_lossy().into_owned();
    for folder in ["home", "run", "data", "bin"] {
        std::fs::create_dir(home.join(folder))?;
    }
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(home.join("run"), private)?;
    fake_browser(&home.join("bin/xdg-open"), &home.join("opened"))?;
    let path = std::env::var("PATH").unwrap_or_default();
    let mut environment: Vec<(String, String)> = [
        ("PATH", format!("{}:{path}", at("bin"))),
        ("HOME", at("home")),
        ("XDG_RUNTIME_DIR", at("run")),
        ("XDG_CONFIG_HOME", at("home/.config")),
        ("XDG_DATA_HOME", at("home/.local/share")),
        ("XDG_CACHE_HOME", at("home/.cache")),
        ("XDG_STATE_HOME", at("home/.local/state")),
        ("COORD_DATA", at("data")),
        ("COORD_CONFIG", at("home/.config/coord")),
        ("COORD_LOG", "info".to_owned()),
        ("XDG_CURRENT_DESKTOP", "X-Test".to_owned()),
        ("XDG_SESSION_TYPE", "x11".to_owned()),
        ("GDK_BACKEND", "x11".to_owned()),
        ("NO_AT_BRIDGE", "1".to_owned()),
        ("GTK_A11Y", "none".to_owned()),
        ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        (MARK, home.to_string_lossy().into_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if furniture.dark {
        environment.push(("GTK_THEME".to_owned(), "Adwaita:dark".to_owned()));
    }
    Ok(environment)
}

/// A browser that only writes down what it was asked to open.
fn fake_browser(path: &Path, opened: &Path) -> anyhow::Result<()> {
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n",
        opened.display()
    );
    std::fs::write(path, script)?;
    let runnable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    Ok(std::fs::set_permissions(path, runnable)?)
}

/// The built programs: those that the environment names, or those beside this test.
pub(super) fn built() -> anyhow::Result<[(&'static str, PathBuf); 2]> {
    let test = std::env::current_exe()?;
    let beside = test
        .ancestors()
        .nth(2)
        .context("the test stands in the folder of builds")?;
    let place = |variable: &str, name: &str| {
        let path = std::env::var_os(variable).map_or_else(|| beside.join(name), PathBuf::from);
        ensure!(
            path.is_file(),
            "{} is missing; build it with `cargo xtask build`",
            path.display()
        );
        Ok(path)
    };
    Ok([
        ("coord", place("COORD_TEST_COORD", "coord")?),
        (
            "coord-runner",
            place("COORD_TEST_RUNNER_APP", "coord-runner")?,
        ),
    ])
}
