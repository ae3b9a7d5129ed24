//! Which process is meant: a number alone is used again by the system.

use serde::{Deserialize, Serialize};

use crate::system;

/// A process, beyond doubt: its number and the proof of when it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The process id.
    pub pid: u32,
    /// Differs for every process that ever has this id, also after a restart of
    /// the machine. It can only be compared.
    pub started: u64,
}

impl Identity {
    /// The process that has this id now.
    pub fn of(pid: u32) -> Option<Self> {
        system::entry(pid).map(|entry| entry.identity)
    }

    /// This very process.
    pub fn own() -> Option<Self> {
        Self::of(std::process::id())
    }
}

/// Whether this process still runs; one that has ended and waits to be collected does not.
pub fn is_alive(identity: Identity) -> bool {
    system::entry(identity.pid).is_some_and(|entry| entry.identity == identity && !entry.ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_itself_and_no_earlier_one_of_its_number() {
        let own = Identity::own().unwrap();
        assert!(is_alive(own));
        assert!(!is_alive(Identity {
            started: own.started ^ 1,
            ..own
        }));
    }
}
