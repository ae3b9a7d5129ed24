//! Rules that are broken on purpose, one at a time: a simulation that finds none of them would find nothing.

/// Which rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// An older claim may write as well as the newest.
    FenceIgnored,
    /// A sync counts, however old.
    OldSyncCounts,
    /// An upload is acknowledged whether or not it was committed.
    AcknowledgedUncommitted,
    /// Entries are kept as they come, whatever their numbers.
    NumbersIgnored,
    /// An outage of all coordinators counts as silence of the runners.
    OutageIsSilence,
    /// What no row names is deleted at once.
    OrphansNotQuarantined,
    /// A lease lasts from the arrival of its answer.
    LeaseFromArrival,
    /// What shows outside happens without a lease.
    PublishedWithoutLease,
    /// Work begins with the assignment.
    BegunUnconfirmed,
    /// The last words of a record are not on the disk yet.
    RecordInMemory,
}

impl Broken {
    pub(super) const ALL: [Self; 10] = [
        Self::FenceIgnored,
        Self::OldSyncCounts,
        Self::AcknowledgedUncommitted,
        Self::NumbersIgnored,
        Self::OutageIsSilence,
        Self::OrphansNotQuarantined,
        Self::LeaseFromArrival,
        Self::PublishedWithoutLease,
        Self::BegunUnconfirmed,
        Self::RecordInMemory,
    ];
}
