//! Whether a process belongs to the tree of another one.
//!
//! An agent runs as the same user as the service; only its descent tells its
//! programs from the person's own.

/// More generations than a person's shells ever have.
const GENERATIONS_MAX: usize = 1024;

/// Whether `pid` is one of `roots` or descends from one.
///
/// A process whose descent cannot be read (it has ended meanwhile) counts as one
/// that does: it could not take an answer anyway.
pub(crate) fn descends_from_any(pid: u32, roots: &[u32]) -> bool {
    if roots.is_empty() {
        return false;
    }
    let mut current = pid;
    for _ in 0..GENERATIONS_MAX {
        if roots.contains(&current) {
            return true;
        }
        match parent_of(current) {
            Some(parent) if parent <= 1 || parent == current => return false,
            Some(parent) => current = parent,
            None => return true,
        }
    }
    true
}

/// The parent of `pid`; 0 for a process that has none.
#[cfg(target_os = "linux")]
fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    parent_in_stat(&stat)
}

/// The fourth field; the second is the program's name in brackets and may hold anything.
#[cfg(target_os = "linux")]
fn parent_in_stat(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

/// The parent of `pid`; 0 for a process that has none.
#[cfg(not(target_os = "linux"))]
fn parent_of(pid: u32) -> Option<u32> {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

    let pid = Pid::from_u32(pid);
    let mut system = System::new();
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[pid]),
        false,
        ProcessRefreshKind::nothing(),
    );
    let process = system.process(pid)?;
    Some(process.parent().map_or(0, Pid::as_u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_descends_from_its_parent_and_itself_but_not_from_others() {
        let me = std::process::id();
        let parent = parent_of(me).unwrap();
        assert!(descends_from_any(me, &[me]));
        assert!(descends_from_any(me, &[u32::MAX, parent]));
        assert!(!descends_from_any(me, &[]));
        assert!(!descends_from_any(me, &[u32::MAX]));
    }

    #[test]
    fn a_process_that_is_gone_is_not_trusted() {
        assert!(descends_from_any(u32::MAX - 1, &[1_000_000_000]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_with_brackets_and_spaces_does_not_mislead() {
        assert_eq!(parent_in_stat("12 (a) S 1 (b)) R 77 12 12 0"), Some(77));
        assert_eq!(parent_in_stat("nonsense"), None);
    }
}
