//! Where a request for permission stands: the facts of this machine that the rules ask for.

use std::path::{Path, PathBuf};

use lifecycle::permission::{Judgement, Places, System, judge};
use protocol::{
    approval::{Action, ApprovalSubject},
    runner::PermissionLevel,
};

/// The places that matter to the rules, without links.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    folder: String,
    home: String,
    own: Vec<String>,
    level: PermissionLevel,
}

impl Ground {
    /// The ground of a job in `folder`; `own` are the runner's own directories.
    pub(crate) fn new(folder: &Path, home: &Path, own: &[PathBuf], level: PermissionLevel) -> Self {
        let text = |path: &Path| without_links(path).to_string_lossy().into_owned();
        Self {
            folder: text(folder),
            home: text(home),
            own: own.iter().map(|path| text(path)).collect(),
            level,
        }
    }

    /// As the rules want it.
    pub(crate) fn places(&self) -> Places<'_> {
        Places {
            system: if cfg!(windows) {
                System::Windows
            } else if cfg!(target_os = "macos") {
                System::MacOs
            } else {
                System::Linux
            },
            folder: &self.folder,
            home: &self.home,
            own: &self.own,
            links: &[],
        }
    }

    /// What becomes of a request, also where a path in it is a link to somewhere else.
    pub(crate) fn judge(&self, subject: &ApprovalSubject) -> Judgement {
        let resolved = self.resolved(subject);
        let judged = judge(&resolved, &self.places(), self.level);
        let leads = |path: &String| {
            let real = without_links(Path::new(path))
                .to_string_lossy()
                .into_owned();
            (real != *path).then(|| (path.clone(), real))
        };
        let links: Vec<(String, String)> = judged.paths.iter().filter_map(leads).collect();
        if links.is_empty() {
            return judged;
        }
        let places = Places {
            links: &links,
            ..self.places()
        };
        judge(&resolved, &places, self.level)
    }

    /// The same request with the links of its paths resolved: a link in the
    /// job's folder must not hide where it leads.
    pub(crate) fn resolved(&self, subject: &ApprovalSubject) -> ApprovalSubject {
        let mut resolved = subject.clone();
        let directory = without_links(&Path::new(&self.folder).join(&subject.directory));
        if let Action::Edit { path, .. } = &mut resolved.action {
            *path = without_links(&directory.join(&*path))
                .to_string_lossy()
                .into_owned();
        }
        resolved.directory = directory.to_string_lossy().into_owned();
        resolved
    }
}

/// The path with the links of every part that exists resolved.
fn without_links(path: &Path) -> PathBuf {
    let mut rest = Vec::new();
    let mut existing = path;
    loop {
        if let Ok(real) = existing.canonicalize() {
            return rest.iter().rev().fold(real, |path, part| path.join(part));
        }
        match (existing.parent(), existing.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name);
                existing = parent;
            }
            // A path like `a/..` that does not exist: the rules resolve the words.
            _ => return path.to_owned(),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use lifecycle::permission::Verdict;

    use super::*;

    fn edit(folder: &Path, path: &str) -> ApprovalSubject {
        ApprovalSubject {
            action: Action::Edit {
                path: path.to_owned(),
                diff: "x".to_owned(),
            },
            directory: folder.display().to_string(),
            inside_folder: true,
            claimed_reason: None,
            risks: vec![],
        }
    }

    #[test]
    fn a_link_does_not_hide_where_it_leads() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("job");
        let data = temp.path().join("data");
        std::fs::create_dir(&folder).unwrap();
        std::fs::create_dir(&data).unwrap();
        std::os::unix::fs::symlink(&data, folder.join("link")).unwrap();
        let own = [data];
        let ground = Ground::new(&folder, temp.path(), &own, PermissionLevel::AcceptEdits);
        let inside = ground.judge(&edit(&folder, "new/file.txt"));
        assert!(
            matches!(inside.verdict, Verdict::Allow { .. }),
            "{inside:?}"
        );
        let through_link = ground.judge(&edit(&folder, "link/journal.db"));
        assert!(
            matches!(through_link.verdict, Verdict::Deny { .. }),
            "{through_link:?}"
        );
        let command = ApprovalSubject {
            action: Action::Run {
                command: "cat ./link/journal.db".to_owned(),
            },
            ..edit(&folder, "x")
        };
        let read = ground.judge(&command);
        assert!(matches!(read.verdict, Verdict::Deny { .. }), "{read:?}");
    }
}
