//! Windows: a program and all that it starts live in one Job Object, which the
//! system ends as a whole; the tree is only walked for programs of an earlier run.

use std::{collections::BTreeSet, io};

use process_wrap::tokio::{CommandWrap, JobObject, KillOnDrop};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use crate::{
    Identity,
    kin::{Entry, Mark},
};

/// Does nothing here: a Job Object keeps hold of every descendant.
pub fn become_subreaper() -> io::Result<()> {
    Ok(())
}

pub(crate) fn is_subreaper() -> bool {
    false
}

/// Gives a program a Job Object of its own, which ends with its handle.
pub(crate) fn set_apart(command: &mut CommandWrap) {
    command.wrap(KillOnDrop).wrap(JobObject);
}

/// Leaves a program to itself: a Job Object would end it with this process.
pub(crate) fn set_apart_for_good(_command: &mut CommandWrap) {}

/// The system has no sessions of terminals.
pub(crate) fn leave_session() -> io::Result<()> {
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
    let processes = system.processes();
    processes
        .values()
        .map(|process| {
            // A parent's number may have been used again after it ended; a
            // parent that is younger than its child is no parent.
            let parent = process
                .parent()
                .filter(|parent| {
                    processes
                        .get(parent)
                        .is_none_or(|parent| parent.start_time() <= process.start_time())
                })
                .map_or(0, sysinfo::Pid::as_u32);
            Entry {
                identity: Identity {
                    pid: process.pid().as_u32(),
                    started: process.start_time(),
                },
                parent,
                session: 0,
                ended: false,
            }
        })
        .collect()
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
            .any(|(name, value)| name.eq_ignore_ascii_case(&mark.name) && value == mark.value)
    })
}

/// The system knows no request to stop for programs without a window.
pub(crate) fn ask_to_stop(_identity: Identity) {}

pub(crate) fn kill(identity: Identity) {
    let pid = sysinfo::Pid::from_u32(identity.pid);
    let Ok(mut system) = System::new() else {
        return;
    };
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[pid]),
        true,
        ProcessRefreshKind::nothing(),
    );
    if let Some(process) = system
        .process(pid)
        .filter(|process| process.start_time() == identity.started)
    {
        let killed = process.kill();
        tracing::trace!(pid = identity.pid, killed, "ended");
    }
}

/// Agents are interrupted by their protocol; programs without a console cannot be.
pub(crate) fn interrupt_group(_leader: Identity) {}

/// Nothing is ever adopted here.
pub(crate) fn collect_adopted(_own: &BTreeSet<u32>) {}
