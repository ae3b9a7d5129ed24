//! A server for many tests in processes of their own.

use std::path::{Path, PathBuf};

use super::{FORGETFUL_AND_LARGE, NoPostgres, Postgres, create, programs::Programs};

impl Postgres {
    /// Starts a server on which many tests at once make databases; see [`Shared`].
    pub fn start_for_many() -> Result<Self, NoPostgres> {
        Self::start_with(FORGETFUL_AND_LARGE)
    }

    /// The folder by which others find it.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }
}

/// A server that somebody else started, and ends.
#[derive(Debug, Clone)]
pub struct Shared(PathBuf);

impl Shared {
    /// The one in this folder.
    pub const fn at(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes an empty database called `name`, which is nobody else's; returns its address.
    pub fn database(&self, name: &str) -> Result<String, NoPostgres> {
        let programs = Programs::find().ok_or(NoPostgres::NotInstalled)?;
        create(&programs, &self.0, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_once() {
        let server = Postgres::start_for_many().unwrap();
        let shared = Shared::at(server.folder().to_owned());
        let url = shared.database("one").unwrap();
        assert!(url.contains("/one?"), "{url}");
        assert!(shared.database("one").is_err(), "it is there already");
        drop(server);
        assert!(shared.database("two").is_err(), "its server has ended");
    }
}
