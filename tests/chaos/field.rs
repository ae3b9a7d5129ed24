//! Coordinators over one database, machines that work for them, and somebody who asks.

pub(crate) mod client;
pub(crate) mod coordinator;
pub(crate) mod machine;

use std::{net::SocketAddr, os::unix::process::ExitStatusExt as _, process::ExitStatus};

use testkit::postgres::Postgres;
use whole::{
    Stage,
    proxy::{Proxy, Target},
    until,
};

use client::Client;
use coordinator::{Common, Coordinator};
use machine::Machine;

/// How large it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) coordinators: usize,
    pub(crate) machines: usize,
    /// Jobs at once on each machine.
    pub(crate) slots: u32,
    /// Lease and grace, in seconds.
    pub(crate) terms: (u64, u64),
}

/// A program that ended without being told to.
#[derive(Debug)]
pub(crate) struct Gone {
    pub(crate) name: String,
    /// The place that it had come to, when it was started to end there.
    pub(crate) place: Option<&'static str>,
    pub(crate) is_coordinator: bool,
}

/// What a process leaves that ends at a place: the signal of an abort.
const ABORTED: i32 = 6;

/// Everything; what is dropped first ends first.
pub(crate) struct Field {
    pub(crate) machines: Vec<Machine>,
    pub(crate) coordinators: Vec<Coordinator>,
    pub(crate) client: Client,
    pub(crate) postgres: Postgres,
    /// The address of the database for whoever looks into it.
    pub(crate) database_url: String,
    /// What people know as the coordinator.
    entry: Proxy,
    pub(crate) stage: Stage,
}

impl Field {
    /// A field with everything online.
    pub(crate) fn ready(size: Size) -> Self {
        let mut field = Self::without_machines(size);
        for number in 0..size.machines {
            field.add_machine(&format!("machine-{number:02}"), size.slots);
        }
        for machine in &mut field.machines {
            machine.join(&field.stage, &field.client);
        }
        field
    }

    /// The same with coordinators alone.
    pub(crate) fn without_machines(size: Size) -> Self {
        let postgres = Postgres::start_kept().unwrap();
        let database_url = postgres.database().unwrap();
        let (address, _) = database_url.split_once('?').unwrap();
        let database = address.rsplit('/').next().unwrap().to_owned();
        let stage = Stage::empty().unwrap();
        stage.bootstrap_with(&["--database", &database_url]);
        let entry = Proxy::start(Vec::new()).unwrap();
        let common = Common {
            public_url: entry.url(),
            database,
            terms: size.terms,
        };
        let mut coordinators = Vec::new();
        for number in 0..size.coordinators {
            let name = format!("coordinator-{number}");
            let socket = Target::Unix(postgres.socket());
            let mut one = Coordinator::prepared(&stage, &name, socket, &common);
            one.start(&stage);
            coordinators.push(one);
        }
        let addresses = until("the coordinators", || {
            for one in &mut coordinators {
                one.look();
            }
            let addresses = coordinators.iter().map(|one| one.address);
            addresses.collect::<Option<Vec<_>>>()
        });
        stage.is_at(&entry.url());
        let field = Self {
            machines: Vec::new(),
            coordinators,
            client: Client::sign_in(addresses),
            postgres,
            database_url,
            entry,
            stage,
        };
        field.connect();
        field
    }

    /// Adds a machine that is not signed in yet.
    pub(crate) fn add_machine(&mut self, name: &str, slots: u32) {
        let machine = Machine::prepared(&self.stage, name, slots);
        machine.reaches(self.targets());
        self.machines.push(machine);
    }

    /// Looks after what has gone by itself, and lets everybody know where the coordinators are.
    ///
    /// Says which programs had gone without being told to.
    pub(crate) fn tend(&mut self) -> Vec<Gone> {
        let at_place = |ended: ExitStatus, armed: &mut Option<&'static str>| {
            let place = armed.take();
            place.filter(|_| ended.signal() == Some(ABORTED))
        };
        let mut gone = Vec::new();
        for one in &mut self.coordinators {
            if let Some(ended) = one.look() {
                gone.push(Gone {
                    name: one.name.clone(),
                    place: at_place(ended, &mut one.armed),
                    is_coordinator: true,
                });
                one.start(&self.stage);
            }
        }
        for one in &mut self.machines {
            if let Some(place) = one.worker_ended() {
                gone.push(Gone {
                    name: format!("a worker of {}", one.name),
                    place: Some(place),
                    is_coordinator: false,
                });
            }
            if let Some(ended) = one.has_gone() {
                gone.push(Gone {
                    name: one.name.clone(),
                    place: at_place(ended, &mut one.armed),
                    is_coordinator: false,
                });
                one.start(&self.stage);
            }
        }
        self.connect();
        gone
    }

    /// Starts a coordinator again, and waits until it is there.
    pub(crate) fn start_coordinator(&mut self, number: usize) {
        self.coordinators[number].start(&self.stage);
        until("the coordinator", || {
            self.coordinators[number].look();
            self.coordinators[number].address
        });
        self.connect();
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        let known = self.coordinators.iter().filter_map(|one| one.address);
        known.collect()
    }

    fn targets(&self) -> Vec<Target> {
        self.addresses().into_iter().map(Target::Tcp).collect()
    }

    fn connect(&self) {
        self.client.asks(self.addresses());
        self.entry.set_targets(self.targets());
        for machine in &self.machines {
            machine.reaches(self.targets());
        }
    }
}
