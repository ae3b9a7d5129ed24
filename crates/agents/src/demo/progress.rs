//! How far a session got, kept on disk so that it survives the agent.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// The progress of one session.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    file: PathBuf,
    state: State,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    instructions: String,
    done: usize,
}

impl Progress {
    /// A new session's progress, kept in `folder`.
    pub(super) fn new(folder: &Path, session: &str) -> Self {
        Self {
            file: file(folder, session),
            state: State::default(),
        }
    }

    /// An earlier session's progress; none when there is no such session.
    /// The id comes from outside, so one that could lead elsewhere names none.
    pub(super) fn load(folder: &Path, session: &str) -> Option<Self> {
        let harmless = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
        if !session.chars().all(harmless) {
            return None;
        }
        let file = file(folder, session);
        let state = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
        Some(Self { file, state })
    }

    /// How many instructions are done, if these are the ones that were begun.
    pub(super) fn begin(&mut self, instructions: &str) -> io::Result<usize> {
        if self.state.instructions != instructions {
            self.state = State {
                instructions: instructions.to_owned(),
                done: 0,
            };
        }
        self.save()?;
        Ok(self.state.done)
    }

    /// So many instructions are done.
    pub(super) fn done(&mut self, count: usize) -> io::Result<()> {
        self.state.done = count;
        self.save()
    }

    /// Written beside and renamed, so that a crash leaves the old or the new.
    fn save(&self) -> io::Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let new = self.file.with_extension("new");
        fs::write(&new, serde_json::to_vec(&self.state)?)?;
        fs::rename(&new, &self.file)
    }
}

fn file(folder: &Path, session: &str) -> PathBuf {
    folder.join(format!("session-{session}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_goes_on_where_it_was_and_other_instructions_begin_anew() {
        let folder = tempfile::tempdir().unwrap();
        let mut progress = Progress::new(folder.path(), "a-1");
        assert_eq!(progress.begin("one\ntwo").unwrap(), 0);
        progress.done(1).unwrap();
        let mut again = Progress::load(folder.path(), "a-1").unwrap();
        assert_eq!(again.begin("one\ntwo").unwrap(), 1);
        assert_eq!(again.begin("other").unwrap(), 0);
        assert!(Progress::load(folder.path(), "b").is_none());
        assert!(Progress::load(folder.path(), "../../a-1").is_none());
    }
}
