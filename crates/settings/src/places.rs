//! Where files are when nobody says otherwise.

use std::path::{Path, PathBuf};

use directories::{ProjectDirs, UserDirs};

/// The system does not say where this user's files belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this user has no home directory; name the directory with `{option}`")]
pub struct NoHome {
    /// The option that names it instead.
    pub option: &'static str,
}

/// The runner's data directory: `given` (`--data`, `COORD_DATA`), or the system's place for it.
pub fn runner_data_dir(given: Option<&Path>) -> Result<PathBuf, NoHome> {
    if let Some(path) = given {
        return Ok(path.to_owned());
    }
    let dirs = project().ok_or(NoHome { option: "--data" })?;
    Ok(dirs.data_dir().join("runner"))
}

/// The folder of the command line's own files: `given` (`COORD_CONFIG`), or the system's place for it.
pub fn config_dir(given: Option<&Path>) -> Result<PathBuf, NoHome> {
    if let Some(path) = given {
        return Ok(path.to_owned());
    }
    let dirs = project().ok_or(NoHome {
        option: "COORD_CONFIG",
    })?;
    Ok(dirs.config_dir().to_owned())
}

/// The configuration file of the runner that works in `data_dir`.
pub fn config_file(data_dir: &Path) -> PathBuf {
    data_dir.join("config.toml")
}

/// This user's home directory.
pub fn home_dir() -> Option<PathBuf> {
    UserDirs::new().map(|dirs| dirs.home_dir().to_owned())
}

/// The workspace directory that is suggested to a person: `coord` in their home.
pub fn suggested_workspace_dir() -> Option<PathBuf> {
    home_dir().map(|home| home.join("coord"))
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("dev", "coord", "coord")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_place_wins() {
        let given = Path::new("/srv/runner");
        assert_eq!(runner_data_dir(Some(given)).unwrap(), given);
        assert_eq!(config_dir(Some(given)).unwrap(), given);
        assert_eq!(config_file(given), Path::new("/srv/runner/config.toml"));
    }
}
