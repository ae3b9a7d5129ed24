//! Linux: processes are read from `/proc`, and signalled through a handle that
//! cannot mean another process.

use std::{
    collections::BTreeSet,
    fs, io,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use process_wrap::tokio::{CommandWrap, ProcessSession};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions};

use crate::{
    Identity,
    kin::{Entry, Mark},
};

static SUBREAPER: AtomicBool = AtomicBool::new(false);

/// Makes this process the parent of every descendant that loses its own, so that
/// none can slip away by leaving its session.
pub fn become_subreaper() -> io::Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    SUBREAPER.store(true, Ordering::SeqCst);
    Ok(())
}

pub(crate) fn is_subreaper() -> bool {
    SUBREAPER.load(Ordering::SeqCst)
}

/// Gives a program a session of its own.
pub(crate) fn set_apart(command: &mut CommandWrap) {
    command.wrap(ProcessSession);
}

/// Nothing more has to be done: the session is the group.
pub(crate) fn set_apart_for_good(command: &mut CommandWrap) {
    set_apart(command);
}

/// Takes this process into a session of its own.
pub(crate) fn leave_session() -> io::Result<()> {
    rustix::process::setsid()?;
    Ok(())
}

pub(crate) fn entries() -> Vec<Entry> {
    let Ok(listing) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    listing
        .filter_map(|item| item.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(entry)
        .collect()
}

pub(crate) fn entry(pid: u32) -> Option<Entry> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The fields after the name, which stands in parentheses and may hold anything.
fn parse_stat(stat: &str) -> Option<Entry> {
    let pid = stat.split_once(' ')?.0.parse().ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let started: u64 = fields.get(19)?.parse().ok()?;
    Some(Entry {
        identity: Identity {
            pid,
            started: started ^ boot(),
        },
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        ended: matches!(*fields.first()?, "Z" | "X"),
    })
}

/// Tells one run of the machine from the next; 48 bits, so that the proof of a
/// start stays exact in any number format.
fn boot() -> u64 {
    static BOOT: OnceLock<u64> = OnceLock::new();
    *BOOT.get_or_init(|| {
        let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let digits: String = id
            .chars()
            .filter(char::is_ascii_hexdigit)
            .take(12)
            .collect();
        u64::from_str_radix(&digits, 16).unwrap_or_default()
    })
}

pub(crate) fn has_mark(pid: u32, mark: &Mark) -> bool {
    let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else {
        return false;
    };
    environment
        .split(|byte| *byte == 0)
        .filter_map(|variable| std::str::from_utf8(variable).ok()?.split_once('='))
        .any(|(name, value)| name == mark.name && value == mark.value)
}

pub(crate) fn ask_to_stop(identity: Identity) {
    signal(identity, Signal::TERM);
}

pub(crate) fn kill(identity: Identity) {
    signal(identity, Signal::KILL);
}

fn signal(identity: Identity, signal: Signal) {
    let Some(pid) = raw(identity.pid) else { return };
    match rustix::process::pidfd_open(pid, PidfdFlags::empty()) {
        Ok(handle) => {
            // The handle is taken first: what it means cannot change after the check.
            if crate::is_alive(identity) {
                let sent = rustix::process::pidfd_send_signal(&handle, signal);
                tracing::trace!(pid = identity.pid, ?signal, ?sent, "signalled");
            }
        }
        Err(rustix::io::Errno::NOSYS) if crate::is_alive(identity) => {
            let sent = rustix::process::kill_process(pid, signal);
            tracing::trace!(pid = identity.pid, ?signal, ?sent, "signalled");
        }
        Err(_) => {}
    }
}

/// Interrupts a whole group, as a terminal does.
pub(crate) fn interrupt_group(leader: Identity) {
    if let Some(pid) = raw(leader.pid).filter(|_| crate::is_alive(leader)) {
        let sent = rustix::process::kill_process_group(pid, Signal::INT);
        tracing::trace!(pid = leader.pid, ?sent, "interrupted");
    }
}

/// Collects adopted processes that have ended.
pub(crate) fn collect_adopted(own: &BTreeSet<u32>) {
    if !is_subreaper() {
        return;
    }
    let this = std::process::id();
    for entry in entries() {
        let pid = entry.identity.pid;
        if entry.ended && entry.parent == this && !own.contains(&pid) {
            let collected = rustix::process::waitpid(raw(pid), WaitOptions::NOHANG);
            tracing::trace!(pid, collected = collected.is_ok(), "collected");
        }
    }
}

fn raw(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let stat = "42 (a) b (c 7) S 1 42 40 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9876 1 2 3";
        let entry = parse_stat(stat).unwrap();
        assert_eq!(entry.identity.pid, 42);
        assert_eq!(entry.identity.started ^ boot(), 9876);
        assert_eq!((entry.parent, entry.session, entry.ended), (1, 40, false));
    }

    #[test]
    fn what_is_no_listing_is_no_process() {
        for stat in ["", "42", "42 (x", "x (y) S 1 2 3"] {
            assert!(parse_stat(stat).is_none(), "{stat}");
        }
    }
}
