//! Who belongs to whom: finding everything that a program started.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{Identity, is_alive, system};

/// How long processes may take to obey a request to stop.
pub(crate) const STOP_PATIENCE: Duration = Duration::from_secs(2);
/// Time between two looks at processes that are being ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How often processes that keep multiplying are killed anew.
const KILL_ROUNDS_MAX: usize = 200;

/// One process as the system lists it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) identity: Identity,
    pub(crate) parent: u32,
    /// Id of the session's leader; 0 where the system has no sessions.
    pub(crate) session: u32,
    /// It has ended, and only waits to be collected.
    pub(crate) ended: bool,
}

/// A variable of the environment by which strays are recognised, wherever they went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The variable's name.
    pub name: String,
    /// Its value, unlike that of any other program.
    pub value: String,
}

/// What decides who belongs to a program.
#[derive(Debug, Clone)]
pub(crate) struct Kin {
    root: Identity,
    mark: Option<Mark>,
    seen: BTreeSet<Identity>,
}

impl Kin {
    pub(crate) fn of(root: Identity, mark: Option<Mark>) -> Self {
        Self {
            root,
            mark,
            seen: BTreeSet::new(),
        }
    }

    /// Everything alive that belongs to the program, with the program itself.
    ///
    /// What was seen once stays known: the ties of a process are cut when its
    /// parent ends, so it pays to look before as well as after.
    pub(crate) fn look(&mut self) -> Vec<Identity> {
        let own = own_children();
        let entries = system::entries();
        let adopted = adopted(&entries, &own);
        drop(own);
        let mut found = family(&entries, self.root, &self.seen, &adopted);
        if let Some(mark) = &self.mark {
            found.extend(marked_in(&entries, mark));
        }
        self.seen.extend(found);
        let out_of_bounds = ancestors(&entries, std::process::id());
        self.seen.retain(|kin| {
            !out_of_bounds.contains(&kin.pid)
                && entries
                    .iter()
                    .any(|entry| entry.identity == *kin && !entry.ended)
        });
        self.seen.iter().copied().collect()
    }
}

/// Ids of the children that this crate started and still watches.
static OWN_CHILDREN: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// The list of own children; whoever holds it knows that none is just being started.
pub(crate) fn own_children() -> MutexGuard<'static, BTreeSet<u32>> {
    OWN_CHILDREN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Processes that lost their parent and were given to this one.
fn adopted(entries: &[Entry], own: &BTreeSet<u32>) -> Vec<Identity> {
    if !system::is_subreaper() {
        return Vec::new();
    }
    let this = std::process::id();
    entries
        .iter()
        .filter(|entry| entry.parent == this && !own.contains(&entry.identity.pid))
        .map(|entry| entry.identity)
        .collect()
}

/// The root, its session, `also`, and whatever stems from any of them.
fn family(
    entries: &[Entry],
    root: Identity,
    seen: &BTreeSet<Identity>,
    adopted: &[Identity],
) -> BTreeSet<Identity> {
    let mut kin: BTreeSet<Identity> = seen
        .iter()
        .copied()
        .chain(adopted.iter().copied())
        .collect();
    kin.insert(root);
    // Another process may have the root's number by now; its session is not ours.
    let number_reused = entries
        .iter()
        .any(|entry| entry.identity.pid == root.pid && entry.identity != root);
    let mut sessions = BTreeSet::new();
    if !number_reused {
        sessions.insert(root.pid);
    }
    loop {
        let before = kin.len();
        for entry in entries {
            let pid = entry.identity.pid;
            if kin.contains(&entry.identity) && entry.session == pid {
                sessions.insert(pid);
            }
            let in_session = entry.session != 0 && sessions.contains(&entry.session);
            let parent_is_kin = entries.iter().any(|parent| {
                parent.identity.pid == entry.parent && kin.contains(&parent.identity)
            });
            if in_session || parent_is_kin {
                kin.insert(entry.identity);
            }
        }
        if kin.len() == before {
            return kin;
        }
    }
}

/// `pid` and its parents up to the first process.
fn ancestors(entries: &[Entry], pid: u32) -> BTreeSet<u32> {
    let mut line = BTreeSet::new();
    let mut next = Some(pid);
    while let Some(pid) = next {
        if !line.insert(pid) {
            break;
        }
        next = entries
            .iter()
            .find(|entry| entry.identity.pid == pid)
            .map(|entry| entry.parent)
            .filter(|parent| *parent != 0);
    }
    line
}

fn marked_in(entries: &[Entry], mark: &Mark) -> Vec<Identity> {
    entries
        .iter()
        .filter(|entry| !entry.ended && system::has_mark(entry.identity.pid, mark))
        .map(|entry| entry.identity)
        .collect()
}

/// All living processes below `root`, with those that share its session; not itself.
pub fn descendants(root: Identity) -> Vec<Identity> {
    let mut kin = family(&system::entries(), root, &BTreeSet::new(), &[]);
    kin.remove(&root);
    kin.into_iter().filter(|kin| is_alive(*kin)).collect()
}

/// Whether `pid` is `root` or stems from it.
pub fn is_descendant(pid: u32, root: Identity) -> bool {
    let entries = system::entries();
    family(&entries, root, &BTreeSet::new(), &[])
        .iter()
        .any(|kin| kin.pid == pid)
}

/// All living processes of this user that carry `mark`, except this one and its parents.
pub fn marked(mark: &Mark) -> Vec<Identity> {
    let entries = system::entries();
    let out_of_bounds = ancestors(&entries, std::process::id());
    marked_in(&entries, mark)
        .into_iter()
        .filter(|kin| !out_of_bounds.contains(&kin.pid))
        .collect()
}

/// Ends a program that this process did not start itself, such as one left over
/// from before a crash, with everything that it started.
///
/// Returns how many processes had to be stopped.
pub async fn end_all(root: Identity, mark: Option<Mark>) -> usize {
    end_kin(&mut Kin::of(root, mark), STOP_PATIENCE).await
}

/// Asks all kin to stop, waits, and kills what is left.
pub(crate) async fn end_kin(kin: &mut Kin, patience: Duration) -> usize {
    let mut touched = BTreeSet::new();
    for identity in kin.look() {
        touched.insert(identity);
        system::ask_to_stop(identity);
    }
    let deadline = tokio::time::Instant::now() + patience.min(STOP_PATIENCE);
    while !kin.look().is_empty() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    for _ in 0..KILL_ROUNDS_MAX {
        let left = kin.look();
        if left.is_empty() {
            break;
        }
        for identity in left {
            touched.insert(identity);
            system::kill(identity);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    system::collect_adopted(&own_children());
    touched.len()
}

/// Asks all kin to stop, without waiting for it.
pub(crate) fn ask_kin(kin: &mut Kin) {
    for identity in kin.look() {
        system::ask_to_stop(identity);
    }
}

/// Kills all kin at once, without waiting for anything.
pub(crate) fn kill_kin(kin: &mut Kin) {
    for identity in kin.look() {
        system::kill(identity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(pid: u32, parent: u32, session: u32) -> Entry {
        Entry {
            identity: Identity {
                pid,
                started: u64::from(pid),
            },
            parent,
            session,
            ended: false,
        }
    }

    fn pids(kin: &BTreeSet<Identity>) -> Vec<u32> {
        kin.iter().map(|kin| kin.pid).collect()
    }

    #[test]
    fn a_family_is_its_tree_its_session_and_what_left_it() {
        let entries = [
            entry(10, 1, 10),  // the program
            entry(11, 10, 10), // its child
            entry(12, 11, 12), // a grandchild in a session of its own
            entry(13, 1, 12),  // orphaned in that session
            entry(14, 1, 10),  // orphaned in the program's session
            entry(20, 1, 20),  // a stranger
            entry(30, 2, 30),  // adopted
            entry(31, 30, 30), // and its child
        ];
        let family = family(
            &entries,
            entries[0].identity,
            &BTreeSet::new(),
            &[entries[6].identity],
        );
        assert_eq!(pids(&family), [10, 11, 12, 13, 14, 30, 31]);
    }

    #[test]
    fn a_number_that_is_used_again_brings_in_no_stranger() {
        let root = Identity {
            pid: 10,
            started: 1,
        };
        let entries = [entry(10, 1, 10), entry(11, 10, 10)];
        assert_eq!(
            pids(&family(&entries, root, &BTreeSet::new(), &[])),
            [root.pid],
        );
    }

    #[test]
    fn nothing_stands_above_the_first_process() {
        let entries = [entry(1, 0, 1), entry(5, 1, 5), entry(6, 5, 5)];
        assert_eq!(ancestors(&entries, 6), BTreeSet::from([1, 5, 6]));
    }
}
