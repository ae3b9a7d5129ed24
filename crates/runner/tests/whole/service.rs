//! The service before a fake coordinator, with real workers and the demo agent.

use std::{path::PathBuf, sync::Arc, time::Duration};

use control::{
    Client,
    message::{Reply, Request},
    state::{Connection, ServiceState},
};
use futures::FutureExt as _;
use libtest_mimic::Trial;
use protocol::{
    agent::AgentName,
    ids::{AttemptId, JobId, OrderId, WorkspaceId},
    job::{JobContext, OutcomeKind},
    record::Event,
    runner::{Assignment, Input, Order, OrderKind},
};
use runner::{Exit, Options};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinSet};

use crate::{
    fake::{Fake, Kept, Running},
    trial,
    worker::until,
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("service::a_job_goes_the_whole_way", a_job_goes_the_whole_way),
        trial("service::lost_answers_cost_nothing", lost_answers_cost_nothing),
        trial("service::an_outage_does_not_stop_the_work", an_outage_does_not_stop_the_work),
        trial("service::a_restart_finds_the_worker_again", a_restart_finds_the_worker_again),
        trial("service::a_dead_worker_is_interrupted_with_its_log", a_dead_worker_is_interrupted_with_its_log),
        trial("service::a_fence_that_moved_on_stops_and_keeps", a_fence_that_moved_on_stops_and_keeps),
        trial("service::an_order_cancels", an_order_cancels),
        trial("service::approvals_are_answered_from_the_machine", approvals_are_answered_from_the_machine),
        trial("service::the_device_flow_signs_in", the_device_flow_signs_in),
        trial("service::a_removed_runner_says_so", a_removed_runner_says_so),
        trial("service::a_paused_runner_takes_nothing", a_paused_runner_takes_nothing),
        trial("service::a_refused_token_is_renewed", a_refused_token_is_renewed),
        trial("service::nobody_signed_in_and_nobody_to_ask", nobody_signed_in_and_nobody_to_ask),
        trial("service::stop_now_ends_the_agents", stop_now_ends_the_agents),
        trial("service::a_broken_configuration_is_an_error", a_broken_configuration_is_an_error),
    ]
}

/// A machine with a runner on it.
struct Machine {
    folder: TempDir,
    server: String,
    login: bool,
}

/// A service that runs.
struct Service {
    shutdown: Option<oneshot::Sender<()>>,
    tasks: JoinSet<Result<Exit, runner::Error>>,
}

impl Service {
    /// Goes away as after a signal; the workers run on.
    async fn detach(mut self) -> Exit {
        self.shutdown.take();
        self.ended().await
    }

    async fn ended(&mut self) -> Exit {
        self.tasks.join_next().await.unwrap().unwrap().unwrap()
    }

    /// Ends between two instructions, as with kill -9.
    async fn kill(mut self) {
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Machine {
    fn new(coordinator: &Running) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Self {
            folder,
            server: coordinator.url(),
            login: true,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn options(&self) -> Options {
        let login = self.login;
        Options {
            data: self.data(),
            server: Some(self.server.clone()),
            workspace_dir: Some(self.folder.path().join("work")),
            name: Some("runner".to_owned()),
            slots: Some(2),
            no_input: false,
            account_login: login.then(|| -> runner::AccountLogin {
                Arc::new(|_| async { Some("coa_login".to_owned()) }.boxed())
            }),
            program: None,
        }
    }

    fn start(&self) -> Service {
        let (shutdown, asked) = oneshot::channel::<()>();
        let mut tasks = JoinSet::new();
        tasks.spawn(runner::service::run(self.options(), async {
            asked.await.ok();
        }));
        Service {
            shutdown: Some(shutdown),
            tasks,
        }
    }

    async fn client(&self) -> Client {
        loop {
            if let Ok(client) = Client::connect(&self.data()).await {
                return client;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits for a state in which `wanted` finds something.
    async fn state<T>(&self, wanted: impl Fn(&ServiceState) -> Option<T>) -> T {
        loop {
            if let Ok(state) = self.client().await.state().await
                && let Some(found) = wanted(&state)
            {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What an attempt keeps on this machine's disk.
    fn disk(&self, id: AttemptId, file: &str) -> String {
        let path = self.data().join("attempts").join(id.to_string()).join(file);
        std::fs::read_to_string(path).unwrap()
    }
}

fn assignment(number: u64, instructions: &str) -> Assignment {
    Assignment {
        attempt_id: AttemptId(uuid::Uuid::now_v7()),
        fence: 1,
        job_id: JobId(uuid::Uuid::now_v7()),
        workspace_id: WorkspaceId(uuid::Uuid::now_v7()),
        workspace: "Team".to_owned(),
        job_number: number,
        attempt_number: 1,
        title: "A job".to_owned(),
        instructions: instructions.to_owned(),
        context: JobContext::Local,
        agent: Some(AgentName::new(AgentName::DEMO)),
        inputs: vec![],
        url: "http://fake/jobs/1".to_owned(),
    }
}

fn hand_out(coordinator: &Running, instructions: &str) -> AttemptId {
    let assignment = assignment(1, instructions);
    let id = assignment.attempt_id;
    coordinator.fake.change(|facts| facts.assignments.push(assignment));
    id
}

async fn outcome(coordinator: &Running, id: AttemptId) -> Kept {
    let ended = || {
        let facts = coordinator.fake.facts();
        facts.kept.get(&id).filter(|kept| kept.outcome().is_some()).cloned()
    };
    until(|| ended().is_some()).await;
    ended().unwrap()
}

/// The coordinator has exactly what stands on the machine's disk.
fn assert_whole(machine: &Machine, id: AttemptId, kept: &Kept) {
    let outcome = kept.outcome().unwrap();
    assert_eq!(outcome.log_last, kept.log.len() as u64);
    assert_eq!(outcome.log_sha256, kept.log_sha256());
    let log = machine.disk(id, "log.ndjson");
    assert_eq!(protocol::digest::sha256_hex(log.as_bytes()), kept.log_sha256());
    let events = machine.disk(id, "events.ndjson");
    assert_eq!(events.lines().count(), kept.events.len());
}

async fn a_job_goes_the_whole_way() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let content = b"content of the input".to_vec();
    let mut assignment = assignment(7, "say hello\noutput result.txt words\nflood 500 30");
    assignment.inputs.push(Input {
        name: "data 1.txt".to_owned(),
        size: content.len() as u64,
        sha256: protocol::digest::sha256_hex(&content),
    });
    let id = assignment.attempt_id;
    coordinator.fake.change(|facts| {
        facts.inputs.insert("data 1.txt".to_owned(), content);
        facts.assignments.push(assignment);
    });
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded, "{kept:?}");
    assert_whole(&machine, id, &kept);
    let manifest = kept.manifest.unwrap();
    assert_eq!(manifest.files[0].path, "result.txt");
    assert!(coordinator.fake.facts().parts.contains_key(&manifest.files[0].parts[0]));
    let job = machine.folder.path().join("work/team/7-a-job/attempt-1");
    assert!(job.join("inputs/data 1.txt").exists());
    machine.state(|state| state.attempts.is_empty().then_some(())).await;
    let Reply::History { attempts } = machine.client().await.call(Request::History { limit: 5 }).await.unwrap() else {
        panic!("no history");
    };
    assert_eq!(attempts[0].attempt_id, id);
    let Reply::Log { entries, complete } = machine
        .client()
        .await
        .call(Request::ReadLog { attempt_id: id, after: 0, limit: 2000, wait_ms: 0 })
        .await
        .unwrap()
    else {
        panic!("no log");
    };
    assert!(complete);
    assert_eq!(entries, kept.log);
    assert_eq!(service.detach().await, Exit::Detached);
}

async fn lost_answers_cost_nothing() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    coordinator.fake.change(|facts| facts.lose_answers = 2);
    let id = hand_out(&coordinator, "say once");
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    assert_whole(&machine, id, &kept);
    let starts = kept.events.iter().filter(|entry| matches!(entry.event, Event::SessionStarted { .. })).count();
    assert_eq!(starts, 1, "it ran once");
}

async fn an_outage_does_not_stop_the_work() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let gate = machine.folder.path().join("gate");
    let id = hand_out(&coordinator, "say before\nwait 300ms\nsay after\noutput late.txt late");
    machine.state(|state| state.attempts.first().and_then(|attempt| attempt.worker_answers.then_some(()))).await;
    coordinator.fake.change(|facts| facts.away = true);
    machine.state(|state| matches!(state.connection, Connection::Offline { .. }).then_some(())).await;
    // The agent finishes without the coordinator.
    until(|| machine.data().join("attempts").join(id.to_string()).join("result.json").exists()).await;
    assert!(coordinator.fake.facts().kept.get(&id).is_none_or(|kept| kept.outcome().is_none()));
    drop(gate);
    coordinator.fake.change(|facts| facts.away = false);
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    assert_whole(&machine, id, &kept);
    assert!(kept.manifest.is_some());
}

async fn a_restart_finds_the_worker_again() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let id = hand_out(&coordinator, "say before\nrun true\nflood 2000 50\nsay after");
    let approval = machine.state(|state| state.approvals.first().cloned()).await;
    service.kill().await;
    let service = machine.start();
    let again = machine.state(|state| state.approvals.first().cloned()).await;
    assert_eq!(again.approval, approval.approval, "it still waits for the same");
    machine
        .client()
        .await
        .call(Request::AnswerApproval {
            approval_id: again.approval.id,
            answer: protocol::approval::ApprovalAnswer {
                decision: protocol::approval::Decision::AllowOnce,
                digest: again.approval.digest.clone(),
                note: None,
            },
            surface: protocol::approval::Surface::Window,
        })
        .await
        .unwrap();
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded, "{kept:?}");
    assert_whole(&machine, id, &kept);
    let boots: Vec<u64> = coordinator.fake.facts().syncs.iter().map(|sync| sync.boot_number).collect();
    assert_eq!((boots.first(), boots.last()), (Some(&1), Some(&2)));
    service.detach().await;
}

async fn a_dead_worker_is_interrupted_with_its_log() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let id = hand_out(&coordinator, "say before\nrun sleep 1000\nsay never");
    machine.state(|state| state.approvals.first().cloned()).await;
    service.kill().await;
    let known: serde_json::Value = serde_json::from_str(&machine.disk(id, "worker.json")).unwrap();
    let process: process::Identity = serde_json::from_value(known["process"].clone()).unwrap();
    // The worker alone, as an out-of-memory killer does it.
    let killed = process::Program::new("/bin/kill").argument("-9").argument(process.pid.to_string());
    killed.run_briefly(Duration::from_secs(5)).await.unwrap();
    until(|| !process::is_alive(process)).await;
    let _service = machine.start();
    let kept = outcome(&coordinator, id).await;
    let outcome = kept.outcome().unwrap();
    assert_eq!(outcome.kind, OutcomeKind::Interrupted);
    assert!(kept.log.iter().any(|entry| entry.text.contains("before")));
    assert_whole(&machine, id, &kept);
    let mark = process::Mark { name: agents::MARK_VARIABLE.to_owned(), value: id.to_string() };
    assert_eq!(process::marked(&mark), []);
}

async fn a_fence_that_moved_on_stops_and_keeps() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(&coordinator, "say before\nwrite kept.txt x\nwait 1000s");
    until(|| {
        let facts = coordinator.fake.facts();
        facts.kept.get(&id).is_some_and(|kept| kept.log.iter().any(|entry| entry.text.contains("before")))
    })
    .await;
    coordinator.fake.change(|facts| facts.moved_on.push(id));
    machine.state(|state| state.attempts.is_empty().then_some(())).await;
    let kept = coordinator.fake.facts().kept[&id].clone();
    assert!(kept.outcome().is_none());
    assert!(kept.manifest.is_none());
    assert!(kept.events.iter().any(|entry| matches!(&entry.event, Event::Notice { message, .. } if message.contains("kept in"))), "{:?}", kept.events);
    assert_eq!(kept.log.len(), machine.disk(id, "log.ndjson").lines().count(), "the late log is there");
    assert!(machine.folder.path().join("work/team/1-a-job/attempt-1").is_dir());
}

async fn an_order_cancels() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(&coordinator, "say before\nwait 1000s");
    machine.state(|state| state.attempts.first().and_then(|attempt| attempt.worker_answers.then_some(()))).await;
    coordinator.fake.change(|facts| {
        facts.orders.push(Order {
            id: OrderId(uuid::Uuid::now_v7()),
            attempt_id: id,
            order: OrderKind::Cancel { deadline_ms: 60_000, by: "Grace".to_owned() },
        });
    });
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Cancelled);
    assert_whole(&machine, id, &kept);
}

async fn approvals_are_answered_from_the_machine() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(&coordinator, "run touch no.txt\nsay end");
    let waiting = machine.state(|state| state.approvals.first().cloned()).await;
    until(|| {
        let facts = coordinator.fake.facts();
        facts.kept.get(&id).is_some_and(|kept| kept.events.iter().any(|entry| matches!(entry.event, Event::ApprovalRequested { .. })))
    })
    .await;
    let answer = |digest: &str| Request::AnswerApproval {
        approval_id: waiting.approval.id,
        answer: protocol::approval::ApprovalAnswer {
            decision: protocol::approval::Decision::Deny,
            digest: digest.to_owned(),
            note: Some("not this".to_owned()),
        },
        surface: protocol::approval::Surface::CommandLine,
    };
    let client = machine.client().await;
    client.call(answer("0")).await.unwrap_err();
    client.call(answer(&waiting.approval.digest)).await.unwrap();
    let kept = outcome(&coordinator, id).await;
    let by = kept.events.iter().find_map(|entry| match &entry.event {
        Event::ApprovalSettled { by, .. } => Some(by.clone()),
        _ => None,
    });
    assert_eq!(by.unwrap().name, "Ada");
    assert!(!machine.folder.path().join("work/team/1-a-job/attempt-1/no.txt").exists());
}

async fn the_device_flow_signs_in() {
    let coordinator = Fake::start().await;
    coordinator.fake.change(|facts| facts.device_pending = 1);
    let mut machine = Machine::new(&coordinator);
    machine.login = false;
    let service = machine.start();
    machine.state(|state| matches!(state.connection, Connection::SignedOut { because: None }).then_some(())).await;
    machine.client().await.call(Request::SignIn).await.unwrap();
    let code = machine
        .state(|state| match &state.connection {
            Connection::SigningIn { user_code, .. } => Some(user_code.clone()),
            _ => None,
        })
        .await;
    assert_eq!(code, "ABCD-EFGH");
    machine.state(|state| matches!(state.connection, Connection::Online).then_some(())).await;
    service.detach().await;
    // The next start needs nobody.
    let _service = machine.start();
    machine.state(|state| matches!(state.connection, Connection::Online).then_some(())).await;
    assert_eq!(coordinator.fake.facts().registrations, 1);
    machine.client().await.call(Request::SignOut).await.unwrap();
    machine.state(|state| (state.runner.is_none() && matches!(state.connection, Connection::SignedOut { .. })).then_some(())).await;
}

async fn a_removed_runner_says_so() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    machine.state(|state| matches!(state.connection, Connection::Online).then_some(())).await;
    coordinator.fake.change(|facts| facts.removed = true);
    machine.state(|state| matches!(state.connection, Connection::Removed).then_some(())).await;
}

async fn a_paused_runner_takes_nothing() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    machine.state(|state| matches!(state.connection, Connection::Online).then_some(())).await;
    let client = machine.client().await;
    client.call(Request::Pause { for_ms: None, note: Some("lunch".to_owned()) }).await.unwrap();
    until(|| coordinator.fake.facts().syncs.last().is_some_and(|sync| sync.paused.is_some())).await;
    let id = hand_out(&coordinator, "say x");
    let before = coordinator.fake.facts().syncs.len();
    until(|| coordinator.fake.facts().syncs.len() > before + 1).await;
    assert!(coordinator.fake.facts().syncs.iter().all(|sync| sync.held.is_empty()));
    client.call(Request::Resume).await.unwrap();
    outcome(&coordinator, id).await;
}

async fn a_refused_token_is_renewed() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    machine.state(|state| matches!(state.connection, Connection::Online).then_some(())).await;
    coordinator.fake.change(crate::fake::Facts::forget_access);
    until(|| coordinator.fake.facts().refreshes == 1).await;
    let id = hand_out(&coordinator, "say x");
    outcome(&coordinator, id).await;
}

async fn nobody_signed_in_and_nobody_to_ask() {
    let coordinator = Fake::start().await;
    let mut machine = Machine::new(&coordinator);
    machine.login = false;
    let options = Options { no_input: true, ..machine.options() };
    let exit = runner::service::run(options, std::future::pending()).await.unwrap();
    assert_eq!(exit, Exit::NotSignedIn);
}

async fn stop_now_ends_the_agents() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let mut service = machine.start();
    let id = hand_out(&coordinator, "say before\nwait 1000s");
    machine.state(|state| state.attempts.first().and_then(|attempt| attempt.worker_answers.then_some(()))).await;
    machine.client().await.call(Request::Stop { now: true }).await.unwrap();
    assert_eq!(service.ended().await, Exit::Stopped);
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Interrupted);
}

async fn a_broken_configuration_is_an_error() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    std::fs::create_dir(machine.data()).unwrap();
    let file = machine.data().join("config.toml");
    std::fs::write(&file, "slots = [\n").unwrap();
    let error = runner::service::run(machine.options(), std::future::pending()).await.unwrap_err();
    assert!(error.to_string().contains("config.toml"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "slots = [\n");
}
