//! What is done to the programs, and how it is made good again.

use std::time::{Duration, Instant};

use whole::{processes, proxy::Fault};

use crate::{dice::Dice, field::Field};

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

/// What makes a fault good again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    StartMachine(usize),
    ResumeMachine(usize),
    ResumeProcess(u32),
    StartCoordinator(usize),
    ResumeCoordinator(usize),
    StartDatabase,
    ResumeDatabase,
    MendNetwork(usize),
    MendDatabaseNetwork(usize),
}

/// Remedies and when they are due.
pub(crate) type Due = Vec<(Instant, Remedy)>;

/// How long things are left broken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lengths {
    /// Lease and grace together.
    pub(crate) patience: Duration,
    /// How long the database may be suspended.
    pub(crate) database: Duration,
}

/// Does it, if there is something to do it to; says to what.
pub(crate) fn cause(
    kind: Kind,
    field: &mut Field,
    dice: &mut Dice,
    lengths: Lengths,
    due: &mut Due,
) -> Option<String> {
    let in_ms = |ms| Instant::now() + Duration::from_millis(ms);
    let busy = |wanted: &dyn Fn(Remedy) -> bool, due: &Due| due.iter().any(|(_, it)| wanted(*it));
    let machine = dice.place(field.machines.len());
    let coordinator = dice.place(field.coordinators.len());
    let short = dice.between(300, 3_000);
    match kind {
        Kind::ServiceKilled | Kind::ServiceDetached | Kind::ServiceSuspended => {
            let is_this = |it| matches!(it, Remedy::StartMachine(n) | Remedy::ResumeMachine(n) if n == machine);
            if busy(&is_this, due) {
                return None;
            }
            service(kind, field, machine, dice, lengths, due)
        }
        Kind::WorkerKilled | Kind::WorkerSuspended | Kind::AgentKilled => {
            process(kind, field, machine, dice, lengths, due)
        }
        Kind::CoordinatorKilled | Kind::CoordinatorRestarted | Kind::CoordinatorSuspended => {
            let one = &mut field.coordinators[coordinator];
            one.child.as_ref()?;
            let is_this = |it| matches!(it, Remedy::ResumeCoordinator(n) if n == coordinator);
            if busy(&is_this, due) {
                return None;
            }
            if kind == Kind::CoordinatorSuspended {
                processes::signal(one.child.as_ref()?.id(), "STOP");
                due.push((in_ms(short), Remedy::ResumeCoordinator(coordinator)));
            } else {
                one.end(if kind == Kind::CoordinatorKilled {
                    "KILL"
                } else {
                    "TERM"
                });
                due.push((in_ms(short), Remedy::StartCoordinator(coordinator)));
            }
            Some(one.name.clone())
        }
        Kind::DatabaseKilled | Kind::DatabaseSuspended => {
            if busy(
                &|it| matches!(it, Remedy::StartDatabase | Remedy::ResumeDatabase),
                due,
            ) {
                return None;
            }
            if kind == Kind::DatabaseKilled {
                field.postgres.kill().unwrap();
                due.push((in_ms(short), Remedy::StartDatabase));
            } else {
                field.postgres.suspend();
                let most = u64::try_from(lengths.database.as_millis()).unwrap();
                due.push((in_ms(dice.between(500, most)), Remedy::ResumeDatabase));
            }
            Some("the database".to_owned())
        }
        Kind::NetworkCut
        | Kind::NetworkHalfOpen
        | Kind::NetworkSlow
        | Kind::RepliesLost
        | Kind::RequestsDoubled
        | Kind::DatabaseNetwork => network(kind, field, machine, coordinator, dice, due),
        Kind::Outage => Some(outage(field, lengths, due)),
    }
}

fn outage(field: &mut Field, lengths: Lengths, due: &mut Due) -> String {
    for (number, one) in field.coordinators.iter_mut().enumerate() {
        one.end("KILL");
        due.retain(|(_, it)| {
            !matches!(it, Remedy::StartCoordinator(n) | Remedy::ResumeCoordinator(n) if *n == number)
        });
        let back = lengths.patience + Duration::from_secs(3);
        due.push((Instant::now() + back, Remedy::StartCoordinator(number)));
    }
    "every coordinator".to_owned()
}

fn service(
    kind: Kind,
    field: &mut Field,
    machine: usize,
    dice: &mut Dice,
    lengths: Lengths,
    due: &mut Due,
) -> Option<String> {
    let one = &mut field.machines[machine];
    one.child.as_ref()?;
    let patience = u64::try_from(lengths.patience.as_millis()).unwrap();
    let (remedy, longest) = match kind {
        Kind::ServiceSuspended => {
            one.signal("STOP");
            // Past the lease as often as not, and past the grace at times.
            (Remedy::ResumeMachine(machine), patience * 3 / 2)
        }
        Kind::ServiceDetached => {
            one.end("TERM");
            (Remedy::StartMachine(machine), 2_000)
        }
        _ => {
            one.end("KILL");
            let long = if dice.between(1, 5) == 1 {
                patience * 3 / 2
            } else {
                2_000
            };
            (Remedy::StartMachine(machine), long)
        }
    };
    let after = Duration::from_millis(dice.between(0, longest));
    due.push((Instant::now() + after, remedy));
    Some(format!("{} for {after:.1?}", one.name))
}

fn process(
    kind: Kind,
    field: &Field,
    machine: usize,
    dice: &mut Dice,
    lengths: Lengths,
    due: &mut Due,
) -> Option<String> {
    let word = if kind == Kind::AgentKilled {
        " demo-agent"
    } else {
        " worker"
    };
    // Of some machine that has one, beginning with the one that chance named.
    let count = field.machines.len();
    let (one, found) = (0..count)
        .map(|step| &field.machines[(machine + step) % count])
        .map(|one| (one, one.processes(word)))
        .find(|(_, found)| !found.is_empty())?;
    let victim = found.get(dice.place(found.len()))?;
    if kind == Kind::WorkerSuspended {
        processes::signal(victim.id, "STOP");
        let longest = u64::try_from(lengths.patience.as_millis()).unwrap();
        let after = Duration::from_millis(dice.between(500, longest));
        due.push((Instant::now() + after, Remedy::ResumeProcess(victim.id)));
    } else {
        processes::signal(victim.id, "KILL");
    }
    Some(format!("process {} of {}", victim.id, one.name))
}

fn network(
    kind: Kind,
    field: &Field,
    machine: usize,
    coordinator: usize,
    dice: &mut Dice,
    due: &mut Due,
) -> Option<String> {
    let late = Fault::Late(Duration::from_millis(dice.between(50, 900)));
    let (proxy, remedy, name) = if kind == Kind::DatabaseNetwork {
        let one = &field.coordinators[coordinator];
        (
            &one.database,
            Remedy::MendDatabaseNetwork(coordinator),
            &one.name,
        )
    } else {
        let one = &field.machines[machine];
        (&one.network, Remedy::MendNetwork(machine), &one.name)
    };
    if proxy.fault().is_some() {
        return None;
    }
    let fault = match kind {
        Kind::NetworkCut => Fault::Cut,
        Kind::NetworkHalfOpen => Fault::HalfOpen,
        Kind::RepliesLost => Fault::ReplyLost,
        Kind::RequestsDoubled => Fault::Doubled,
        Kind::DatabaseNetwork => [Fault::Cut, Fault::ReplyLost, Fault::Slow][dice.place(3)],
        _ => [Fault::Slow, late][dice.place(2)],
    };
    proxy.set_fault(Some(fault));
    let after = Duration::from_millis(dice.between(300, 8_000));
    due.push((Instant::now() + after, remedy));
    Some(format!("{name}: {fault:?} for {after:.1?}"))
}

/// Makes good what is due.
pub(crate) fn mend(field: &mut Field, due: &mut Due, now: Instant) {
    let (ready, later): (Due, Due) = due.iter().partition(|(at, _)| *at <= now);
    *due = later;
    for (_, remedy) in ready {
        match remedy {
            Remedy::StartMachine(n) => field.machines[n].start(&field.stage),
            Remedy::ResumeMachine(n) => field.machines[n].signal("CONT"),
            Remedy::ResumeProcess(id) => processes::signal(id, "CONT"),
            Remedy::StartCoordinator(n) => field.coordinators[n].start(&field.stage),
            Remedy::ResumeCoordinator(n) => {
                if let Some(child) = &field.coordinators[n].child {
                    processes::signal(child.id(), "CONT");
                }
            }
            Remedy::StartDatabase => field.postgres.start_again().unwrap(),
            Remedy::ResumeDatabase => field.postgres.resume(),
            Remedy::MendNetwork(n) => field.machines[n].network.set_fault(None),
            Remedy::MendDatabaseNetwork(n) => field.coordinators[n].database.set_fault(None),
        }
    }
}
