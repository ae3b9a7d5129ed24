//! What exactly is asked when an agent wants permission.

use std::path::{Component, Path, PathBuf};

use protocol::approval::{Action, ApprovalSubject, Risk};

use crate::risk;

/// Longest path that is followed; systems know none that are longer.
const PATH_BYTES_MAX: usize = 32 * 1024;
/// How many folders deep a path is followed.
const PATH_PARTS_MAX: usize = 1024;

/// A request to run `command`.
pub(crate) fn run(
    folder: &Path,
    directory: Option<&str>,
    command: &str,
    reason: Option<String>,
) -> ApprovalSubject {
    let directory = directory.map_or_else(|| folder.to_owned(), |path| folder.join(path));
    let inside = is_inside(folder, &directory) && !risk::reaches_out(folder, &directory, command);
    ApprovalSubject {
        action: Action::Run {
            command: command.to_owned(),
        },
        risks: with_outside(risk::of_command(command), inside),
        directory: directory.display().to_string(),
        inside_folder: inside,
        claimed_reason: reason,
    }
}

/// A request to write or change the file at `path`.
pub(crate) fn edit(
    folder: &Path,
    path: &str,
    diff: String,
    reason: Option<String>,
) -> ApprovalSubject {
    let inside = is_inside(folder, &folder.join(path));
    ApprovalSubject {
        action: Action::Edit {
            path: path.to_owned(),
            diff,
        },
        risks: with_outside(risk::of_path(path), inside),
        directory: folder.display().to_string(),
        inside_folder: inside,
        claimed_reason: reason,
    }
}

/// A request for anything else; whether it stays inside is not known, so it does not.
pub(crate) fn other(
    folder: &Path,
    title: impl Into<String>,
    detail: impl Into<String>,
    reason: Option<String>,
) -> ApprovalSubject {
    let detail = detail.into();
    ApprovalSubject {
        risks: risk::of_command(&detail),
        action: Action::Other {
            title: title.into(),
            detail,
        },
        directory: folder.display().to_string(),
        inside_folder: false,
        claimed_reason: reason,
    }
}

fn with_outside(mut risks: Vec<Risk>, inside: bool) -> Vec<Risk> {
    if !inside && !risks.contains(&Risk::OutsideFolder) {
        risks.push(Risk::OutsideFolder);
    }
    risks.sort_unstable();
    risks
}

/// Whether `path` lies in `folder`, also after links are followed.
pub(crate) fn is_inside(folder: &Path, path: &Path) -> bool {
    let absurd =
        path.as_os_str().len() > PATH_BYTES_MAX || path.components().count() > PATH_PARTS_MAX;
    !absurd && real(path).starts_with(real(folder))
}

/// `path` without links and detours; what does not exist yet is added to what does.
fn real(path: &Path) -> PathBuf {
    let plain = without_detours(path);
    let mut rest = Vec::new();
    let mut there = plain.as_path();
    loop {
        if let Ok(found) = there.canonicalize() {
            return rest.iter().rev().fold(found, |path, part| path.join(part));
        }
        let (Some(parent), Some(name)) = (there.parent(), there.file_name()) else {
            return plain;
        };
        rest.push(name.to_owned());
        there = parent;
    }
}

fn without_detours(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_judged_by_where_it_leads() {
        let folder = tempfile::tempdir().unwrap();
        let job = folder.path().join("job");
        std::fs::create_dir(&job).unwrap();
        assert!(is_inside(&job, &job.join("new/deep/file")));
        assert!(is_inside(&job, &job.join("a/../b")));
        assert!(!is_inside(&job, &job.join("../other")));
        assert!(!is_inside(&job, &folder.path().join("job2/file")));
        assert!(!is_inside(&job, &job.join("a/".repeat(1_000_000))));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path(), job.join("link")).unwrap();
            assert!(!is_inside(&job, &job.join("link/file")));
        }
    }

    #[test]
    fn leaving_the_folder_is_a_risk() {
        let folder = tempfile::tempdir().unwrap();
        let subject = edit(folder.path(), "../x", "text".to_owned(), None);
        assert!(!subject.inside_folder);
        assert_eq!(subject.risks, [Risk::OutsideFolder]);
        let subject = run(folder.path(), None, "sudo rm -rf /etc", None);
        assert!(!subject.inside_folder);
        assert_eq!(
            subject.risks,
            [Risk::Delete, Risk::OutsideFolder, Risk::Elevated]
        );
        let subject = run(folder.path(), None, "echo hi > a.txt", None);
        assert!(subject.inside_folder);
        assert_eq!(subject.risks, []);
    }
}
