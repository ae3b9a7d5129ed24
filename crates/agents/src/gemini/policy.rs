//! The person's own settings may let Gemini CLI use tools unasked: lists of allowed tools, files
//! of policies, servers that are trusted. A policy of the highest tier makes requests of them.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::driver::Launch;

/// The option that takes it.
pub(super) const ARGUMENT: &str = "--admin-policy";

/// Everything that changes something or reaches out, in the tool's own names.
const POLICY: &str = r#"[[rule]]
toolName = ["run_shell_command", "write_file", "replace", "web_fetch", "activate_skill"]
decision = "ask_user"
priority = 500

[[rule]]
toolName = "*"
mcpName = "*"
decision = "ask_user"
priority = 500

[[rule]]
toolName = "discovered_tool_*"
decision = "ask_user"
priority = 500
"#;

/// The file, for as long as a session needs it.
pub(super) struct PolicyFile {
    path: PathBuf,
}

impl PolicyFile {
    /// Writes it beside the job's temporary files, under a name of its own.
    pub(super) fn write(launch: &Launch) -> io::Result<Self> {
        let folder = launch
            .environment
            .iter()
            .rev()
            .find(|(name, _)| name == "TMPDIR");
        let folder = folder.map_or_else(std::env::temp_dir, |(_, folder)| folder.into());
        let name = format!("policy-{}.toml", uuid::Uuid::new_v4());
        let path = folder.join(name);
        let mut file = create(&path)?;
        let written = Self { path };
        file.write_all(POLICY.as_bytes())?;
        Ok(written)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it, where that was not done before.
    pub(super) fn remove(&self) {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::debug!(path = %self.path.display(), %error, "a policy's file stays");
            }
            _ => {}
        }
    }
}

impl Drop for PolicyFile {
    fn drop(&mut self) {
        self.remove();
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::launch_for;

    #[test]
    fn the_file_is_there_as_long_as_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let mut launch = launch_for("gemini-question");
        let folder_name = folder.path().display().to_string();
        launch.environment.push(("TMPDIR".to_owned(), folder_name));
        let one = PolicyFile::write(&launch).unwrap();
        let other = PolicyFile::write(&launch).unwrap();
        assert_ne!(one.path(), other.path());
        assert_eq!(fs::read_to_string(one.path()).unwrap(), POLICY);
        drop((one, other));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
