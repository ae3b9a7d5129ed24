//! What a person has allowed for the rest of a job: exactly the same again.

use std::collections::HashSet;

use protocol::approval::{Action, ApprovalSubject};

use super::{Places, path};

/// Everything that was allowed for the rest of one job.
#[derive(Debug, Clone, Default)]
pub struct Allowances(HashSet<Same>);

/// What has to be the same: the command with its directory, or the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Same {
    Run { command: String, directory: String },
    Edit { path: String },
    Other { title: String, detail: String },
}

impl Allowances {
    /// Allows the same again.
    pub fn allow(&mut self, subject: &ApprovalSubject, places: &Places<'_>) {
        self.0.insert(same_as(subject, places));
    }

    /// Whether exactly this has been allowed.
    ///
    /// The floor is asked first, each time: it may see more than it did then.
    pub fn cover(&self, subject: &ApprovalSubject, places: &Places<'_>) -> bool {
        self.0.contains(&same_as(subject, places))
    }
}

fn same_as(subject: &ApprovalSubject, places: &Places<'_>) -> Same {
    let directory = path::resolve(&subject.directory, places.folder, places);
    match &subject.action {
        Action::Run { command } => Same::Run {
            command: command.clone(),
            directory,
        },
        Action::Edit { path, .. } => Same::Edit {
            path: path::resolve(path, &directory, places),
        },
        Action::Other { title, detail } => Same::Other {
            title: title.clone(),
            detail: detail.clone(),
        },
    }
}
