//! The rules of a machine's owner on disk: a file that only its owner can read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use protocol::rule::PermissionRule;
use serde::{Deserialize, Serialize};

use crate::private_file;

/// The file with the rules; one process writes it.
#[derive(Debug, Clone)]
pub struct RuleFile(PathBuf);

#[derive(Serialize, Deserialize)]
struct Content {
    rules: Vec<PermissionRule>,
}

impl RuleFile {
    /// The file in the runner's data directory.
    pub fn of(data: &Path) -> Self {
        Self(data.join("rules.json"))
    }

    /// The rules; none when there is no file.
    ///
    /// A file that cannot be understood is put aside, never overwritten: no rule holds then.
    pub fn load(&self) -> io::Result<Vec<PermissionRule>> {
        let bytes = match fs::read(&self.0) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        match serde_json::from_slice::<Content>(&bytes) {
            Ok(content) => Ok(content.rules),
            Err(error) => {
                fs::rename(&self.0, self.0.with_extension("broken"))?;
                Err(error.into())
            }
        }
    }

    /// Replaces the rules.
    pub fn save(&self, rules: &[PermissionRule]) -> io::Result<()> {
        let content = Content {
            rules: rules.to_vec(),
        };
        private_file::replace(&self.0, &serde_json::to_vec_pretty(&content)?)
    }
}

#[cfg(test)]
mod tests {
    use protocol::{ids::RuleId, rule::RuleMatch, time::Timestamp};

    use super::*;

    #[test]
    fn rules_read_back_and_a_broken_file_is_put_aside() {
        let data = tempfile::tempdir().unwrap();
        let file = RuleFile::of(data.path());
        assert_eq!(file.load().unwrap(), []);
        let rule = PermissionRule {
            id: RuleId(uuid::Uuid::nil()),
            matches: RuleMatch::Command {
                words: vec!["git".to_owned(), "push".to_owned()],
            },
            agent: None,
            workspace: None,
            created_at: Timestamp(1),
            expires_at: Timestamp(2),
            created_by: "Ada".to_owned(),
        };
        file.save(std::slice::from_ref(&rule)).unwrap();
        assert_eq!(file.load().unwrap(), [rule]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file.0).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(&file.0, "{").unwrap();
        assert!(file.load().is_err());
        assert_eq!(file.load().unwrap(), []);
        assert!(data.path().join("rules.broken").exists());
    }
}
