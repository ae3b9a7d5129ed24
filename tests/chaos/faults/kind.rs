//! The kinds of faults, and how often each comes.

use crate::dice::Dice;

/// A kind of fault, with how often it comes compared with the others.
const KINDS: [(Kind, u64); 17] = [
    (Kind::ServiceKilled, 4),
    (Kind::ServiceDetached, 2),
    (Kind::ServiceSuspended, 2),
    (Kind::WorkerKilled, 3),
    (Kind::WorkerSuspended, 1),
    (Kind::AgentKilled, 4),
    (Kind::CoordinatorKilled, 3),
    (Kind::CoordinatorRestarted, 2),
    (Kind::CoordinatorSuspended, 1),
    (Kind::DatabaseKilled, 2),
    (Kind::DatabaseSuspended, 1),
    (Kind::NetworkCut, 3),
    (Kind::NetworkHalfOpen, 2),
    (Kind::NetworkSlow, 2),
    (Kind::RepliesLost, 3),
    (Kind::RequestsDoubled, 3),
    (Kind::DatabaseNetwork, 2),
];

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    ServiceKilled,
    ServiceDetached,
    ServiceSuspended,
    WorkerKilled,
    WorkerSuspended,
    AgentKilled,
    CoordinatorKilled,
    CoordinatorRestarted,
    CoordinatorSuspended,
    DatabaseKilled,
    DatabaseSuspended,
    NetworkCut,
    NetworkHalfOpen,
    NetworkSlow,
    RepliesLost,
    RequestsDoubled,
    DatabaseNetwork,
    /// A service or a coordinator ends between a decision and its acknowledgement.
    EndedAtPlace,
    /// Every coordinator is away for longer than lease and grace.
    Outage,
}

impl Kind {
    /// In the words of the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ServiceKilled => "service killed",
            Self::ServiceDetached => "service terminated",
            Self::ServiceSuspended => "service suspended",
            Self::WorkerKilled => "worker killed",
            Self::WorkerSuspended => "worker suspended",
            Self::AgentKilled => "agent killed",
            Self::CoordinatorKilled => "coordinator killed",
            Self::CoordinatorRestarted => "coordinator restarted",
            Self::CoordinatorSuspended => "coordinator suspended",
            Self::DatabaseKilled => "PostgreSQL killed",
            Self::DatabaseSuspended => "PostgreSQL suspended",
            Self::NetworkCut => "network cut",
            Self::NetworkHalfOpen => "network half open",
            Self::NetworkSlow => "network slow or late",
            Self::RepliesLost => "replies lost",
            Self::RequestsDoubled => "requests doubled",
            Self::DatabaseNetwork => "database's network",
            Self::EndedAtPlace => "ended at a failpoint",
            Self::Outage => "outage beyond lease and grace",
        }
    }

    /// One by chance.
    pub(crate) fn any(dice: &mut Dice) -> Self {
        let all = KINDS.iter().map(|(_, weight)| weight).sum();
        let mut thrown = dice.between(1, all);
        for (kind, weight) in KINDS {
            if thrown <= weight {
                return kind;
            }
            thrown -= weight;
        }
        Self::ServiceKilled
    }
}
