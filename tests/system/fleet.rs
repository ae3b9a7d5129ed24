//! A team and its runners: two hundred jobs over every target, while runners come and go.
//!
//! Where each job may run is written down here a second time, in the words of the
//! product, and every attempt that there ever was is held against it.

mod plan;

use std::{collections::HashMap, fs};

use reqwest::Method;
use serde_json::{Value, json};
use whole::{Person, Runner, Stage, stage::WORKSPACE, until};

use plan::{Member, Wish, plan};

const JOBS: usize = 200;

/// A machine with its owner, and what the team may do with it.
struct Machine<'a> {
    name: &'static str,
    owner: Member,
    shared: bool,
    /// Whether the demo agent, which every job needs, is switched on.
    able: bool,
    service: Runner<'a>,
    id: String,
}

/// Name, owner, shared, able.
const MACHINES: [(&str, Member, bool, bool); 6] = [
    ("ada-desk", Member::Ada, false, true),
    ("ada-rack", Member::Ada, true, true),
    ("bea-desk", Member::Bea, false, true),
    ("bea-rack", Member::Bea, true, true),
    ("carl-rack", Member::Carl, true, true),
    ("carl-idle", Member::Carl, true, false),
];

struct Team<'a> {
    people: [Person<'a>; 3],
    accounts: HashMap<Member, String>,
    machines: Vec<Machine<'a>>,
}

impl<'a> Team<'a> {
    fn gather(stage: &'a Stage) -> Self {
        let ada = Person::owner(stage);
        let bea = Person::invited(stage, &ada, "bea");
        let carl = Person::invited(stage, &ada, "carl");
        let people = [ada, bea, carl];
        let accounts = Member::ALL
            .into_iter()
            .zip(&people)
            .map(|(member, person)| {
                let me = person.call(Method::GET, "/api/v1/me", None);
                (member, text(&me["account"]["id"]))
            })
            .collect();
        let mut team = Self {
            people,
            accounts,
            machines: Vec::new(),
        };
        for (name, owner, shared, able) in MACHINES {
            let machine = team.machine(stage, name, owner, shared, able);
            team.machines.push(machine);
        }
        team
    }

    fn machine(
        &self,
        stage: &'a Stage,
        name: &'static str,
        owner: Member,
        shared: bool,
        able: bool,
    ) -> Machine<'a> {
        let person = self.person(owner);
        let config = person.config().display().to_string();
        let mut service = Runner::prepared(stage, name)
            .with_slots(3)
            .with(vec![("COORD_CONFIG".to_owned(), config)]);
        fs::create_dir_all(service.data()).unwrap();
        let agents = format!("[agents.demo]\nenabled = {able}\n");
        fs::write(service.data().join("config.toml"), agents).unwrap();
        service.start();
        service.wait_for_state("online");
        let path = in_workspace(&format!("runners/resolve?name={name}"));
        let id = text(&person.call(Method::GET, &path, None)["id"]);
        if shared {
            let path = in_workspace(&format!("runners/{id}/sharing"));
            person.call(Method::PUT, &path, Some(&json!({"sharing": "shared"})));
        }
        Machine {
            name,
            owner,
            shared,
            able,
            service,
            id,
        }
    }

    fn person(&self, member: Member) -> &Person<'a> {
        &self.people[member as usize]
    }

    fn named(&mut self, name: &str) -> &mut Runner<'a> {
        let machine = self.machines.iter_mut().find(|one| one.name == name);
        &mut machine.unwrap().service
    }

    fn submit(&self, wish: &Wish) -> String {
        let target = match wish.pinned {
            Some(name) => {
                let machine = self.machines.iter().find(|one| one.name == name).unwrap();
                json!({"kind": "runner", "runner_id": machine.id})
            }
            None => json!({"kind": wish.target}),
        };
        let team: Vec<Value> = wish
            .team
            .iter()
            .map(|member| json!({"account_id": self.accounts[member], "role": "viewer"}))
            .collect();
        let job = json!({
            "title": wish.target,
            "instructions": "say done\n",
            "target": target,
            "agent": wish.names_agent.then_some("demo"),
            "team": team,
            "ready": true,
        });
        let made = self
            .person(wish.by)
            .call(Method::POST, &in_workspace("jobs"), Some(&job));
        text(&made["id"])
    }

    fn done(&self) -> usize {
        let path = in_workspace("jobs?state=done&limit=200");
        let list = self.people[0].call(Method::GET, &path, None);
        list["jobs"].as_array().unwrap().len()
    }

    fn wait_for_done(&self, count: usize) {
        until(&format!("{count} jobs that are done"), || {
            (self.done() >= count).then_some(())
        });
    }

    /// The words of the product: who may take a job.
    fn may_take(machine: &Machine<'_>, wish: &Wish) -> bool {
        let own = machine.owner == wish.by;
        let in_team = own || wish.team.contains(&machine.owner);
        machine.able
            && match wish.target {
                "my" => own,
                "team" => in_team && machine.shared,
                "any" => own || machine.shared,
                _ => wish.pinned == Some(machine.name) && (own || machine.shared),
            }
    }

    fn check(&self, id: &str, wish: &Wish) {
        let job = self.people[0].call(Method::GET, &format!("/api/v1/jobs/{id}"), None);
        assert_eq!(job["state"], "done", "{wish:?}: {job}");
        let attempts = job["attempts"].as_array().unwrap();
        let mut free_at = 0;
        for attempt in attempts {
            let runner = text(&attempt["runner_id"]);
            let machine = self.machines.iter().find(|one| one.id == runner).unwrap();
            assert!(
                Self::may_take(machine, wish),
                "{} worked on {wish:?}",
                machine.name
            );
            let started = attempt["started_at"].as_i64().unwrap();
            assert!(started >= free_at, "two at once: {attempts:?}");
            free_at = attempt["ended_at"].as_i64().unwrap();
        }
        let succeeded = attempts
            .iter()
            .filter(|attempt| attempt["outcome"] == "succeeded")
            .count();
        assert_eq!(succeeded, 1, "{attempts:?}");
    }
}

fn in_workspace(rest: &str) -> String {
    format!("/api/v1/workspaces/{WORKSPACE}/{rest}")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn two_hundred_jobs_run_where_the_table_allows_while_runners_come_and_go() {
    let stage = Stage::ready();
    let mut team = Team::gather(&stage);
    let wishes = plan(JOBS);
    let mut jobs = Vec::new();
    for wish in &wishes {
        assert!(
            team.machines.iter().any(|one| Team::may_take(one, wish)),
            "somebody can do {wish:?}"
        );
        jobs.push(team.submit(wish));
    }
    team.wait_for_done(30);
    team.named("ada-rack").end("KILL");
    team.wait_for_done(60);
    team.named("ada-rack").start();
    let desk = team.named("bea-desk");
    desk.coord(&["stop"]).run().ok();
    assert_eq!(desk.ended(), Some(0));
    team.wait_for_done(100);
    team.named("bea-desk").start();
    let rack = team.named("carl-rack");
    rack.end("KILL");
    rack.start();
    team.named("ada-desk").end("KILL");
    team.wait_for_done(130);
    team.named("ada-desk").start();
    let rack = team.named("bea-rack");
    rack.coord(&["stop"]).run().ok();
    assert_eq!(rack.ended(), Some(0));
    rack.start();
    team.wait_for_done(JOBS);
    for (id, wish) in jobs.iter().zip(&wishes) {
        team.check(id, wish);
    }
}
