//! macOS and other Unix systems: processes are listed by the system's own
//! interface; there are no subreapers, so strays are found by tree, session and mark.

use std::{collections::BTreeSet, io};

use process_wrap::tokio::{CommandWrap, ProcessSession};
use rustix::process::{Pid, Signal};
use sysinfo::{ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

use crate::{
    Identity,
    kin::{Entry, Mark},
};

/// Does nothing here: the system has no such thing, and marks take its place.
pub fn become_subreaper() -> io::Result<()> {
    Ok(())
}

pub(crate) fn is_subreaper() -> bool {
    false
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
    look(ProcessesToUpdate::All)
}

pub(crate) fn entry(pid: u32) -> Option<Entry> {
    look(ProcessesToUpdate::Some(&[sysinfo::Pid::from_u32(pid)]))
        .into_iter()
        .find(|entry| entry.identity.pid == pid)
}

fn look(which: ProcessesToUpdate<'_>) -> Vec<Entry> {
    let Ok(mut system) = System::new() else {
        return Vec::new();
    };
    system.refresh_processes_specifics(which, true, ProcessRefreshKind::nothing());
    system
        .processes()
        .values()
        .map(|process| {
            let pid = process.pid().as_u32();
            Entry {
                identity: Identity {
                    pid,
                    started: process.start_time(),
                },
                parent: process.parent().map_or(0, sysinfo::Pid::as_u32),
                session: session_of(pid),
                ended: process.status() == ProcessStatus::Zombie,
            }
        })
        .collect()
}

fn session_of(pid: u32) -> u32 {
    raw(pid)
        .and_then(|pid| rustix::process::getsid(Some(pid)).ok())
        .and_then(|session| u32::try_from(session.as_raw_nonzero().get()).ok())
        .unwrap_or_default()
}

pub(crate) fn has_mark(pid: u32, mark: &Mark) -> bool {
    let pid = sysinfo::Pid::from_u32(pid);
    let Ok(mut system) = System::new() else {
        return false;
    };
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[pid]),
        true,
        ProcessRefreshKind::nothing().with_environ(UpdateKind::Always),
    );
    system.process(pid).is_some_and(|process| {
        process
            .environ()
            .iter()
            .filter_map(|variable| variable.to_str()?.split_once('='))
            .any(|(name, value)| name == mark.name && value == mark.value)
    })
}

pub(crate) fn ask_to_stop(identity: Identity) {
    signal(identity, Signal::TERM);
}

pub(crate) fn kill(identity: Identity) {
    signal(identity, Signal::KILL);
}

fn signal(identity: Identity, signal: Signal) {
    if let Some(pid) = raw(identity.pid).filter(|_| crate::is_alive(identity)) {
        let sent = rustix::process::kill_process(pid, signal);
        tracing::trace!(pid = identity.pid, ?signal, ?sent, "signalled");
    }
}

/// Interrupts a whole group, as a terminal does.
pub(crate) fn interrupt_group(leader: Identity) {
    if let Some(pid) = raw(leader.pid).filter(|_| crate::is_alive(leader)) {
        let sent = rustix::process::kill_process_group(pid, Signal::INT);
        tracing::trace!(pid = leader.pid, ?sent, "interrupted");
    }
}

/// Nothing is ever adopted here.
pub(crate) fn collect_adopted(_own: &BTreeSet<u32>) {}

fn raw(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}
