//! Starting a worker, and staying in touch with it until it is gone.

use std::{io, sync::Arc, time::Duration};

use protocol::{
    agent::AgentName,
    error::{ErrorCode, Problem},
    runner::{Order, OrderKind},
};
use tokio::sync::{mpsc, watch};

use super::{Command, Entry, Numbers};
use crate::{
    link::{Address, Ask, EndReason, Link, LinkError, WorkerStatus},
    service::{
        capabilities,
        rules::{self, Ready},
        shared::Shared,
    },
    worker::{
        self,
        plan::{self, LaunchPlan, WorkerIdentity},
    },
};

/// Time for a worker to listen after its start.
const LISTEN_PATIENCE: Duration = Duration::from_secs(30);
/// Time between two looks for the socket of a worker that has just been started.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Time between two signs of life that are asked for.
const PING_EVERY: Duration = Duration::from_secs(10);
/// Time for a worker to go after its connection has closed.
const GO_PATIENCE: Duration = Duration::from_secs(10);

/// Starts the worker of `entry`, tied to nothing of this process.
pub(super) fn start(
    shared: &Shared,
    entry: &Entry,
    agent: &AgentName,
) -> Result<process::Identity, process::StartError> {
    let program = process::Program::new(&shared.program)
        .argument("worker")
        .argument("--attempt")
        .argument(entry.folder.path())
        .environment(environment(shared, agent))
        .environment(failpoints::handed_on())
        .folder(entry.folder.path());
    let detached = process::Detached {
        output: Some(entry.folder.worker_output()),
    };
    process::start_detached(&program, &detached)
}

/// What the worker of an `agent` may see of the owner's environment.
pub(super) fn environment(shared: &Shared, agent: &AgentName) -> Vec<(String, String)> {
    let path = shared.search_path.borrow();
    capabilities::environment_for(&shared.settings(), &path, agent)
}

/// Stays with the worker until it is gone; it has then left a result, or died.
pub(super) async fn stay(
    shared: &Arc<Shared>,
    entry: &Arc<Entry>,
    plan: &LaunchPlan,
    started: Option<process::Identity>,
    commands: &mut mpsc::Receiver<Command>,
) -> io::Result<()> {
    loop {
        let Some(process) = running(entry, started)? else {
            return Ok(());
        };
        entry.change_view(|view| view.worker_pid = Some(process.pid));
        match reach(shared, &plan.socket, process).await {
            Some((link, status)) => {
                entry.worker_answered();
                converse(shared, entry, &link, status, plan, commands).await;
                entry.change_view(|view| view.worker_answers = false);
                shared.show_attempts();
                wait_for_end(process).await;
            }
            None if process::is_alive(process) => {
                tracing::warn!(attempt = %entry.id(), "the worker does not answer");
                entry.set_going_on(false);
                answer_without_worker(shared, entry, process, commands).await;
            }
            None => {}
        }
    }
}

/// Whether a worker listens where this plan says.
pub(super) async fn somebody_answers(shared: &Shared, plan: &LaunchPlan) -> bool {
    Link::connect(&plan.socket, &shared.tasks).await.is_ok()
}

/// The worker's process, while it runs.
fn running(
    entry: &Entry,
    started: Option<process::Identity>,
) -> io::Result<Option<process::Identity>> {
    let known: Option<WorkerIdentity> = plan::read_for_now(&entry.folder.worker())?;
    let process = known.map(|known| known.process).or(started);
    Ok(process.filter(|process| process::is_alive(*process)))
}

/// Connects as soon as the worker listens; none when it dies before, or takes too long.
async fn reach(
    shared: &Shared,
    address: &Address,
    process: process::Identity,
) -> Option<(Link, watch::Receiver<WorkerStatus>)> {
    let deadline = tokio::time::Instant::now() + LISTEN_PATIENCE;
    loop {
        match Link::connect(address, &shared.tasks).await {
            Ok(connected) => return Some(connected),
            Err(error) => {
                if !process::is_alive(process) || tokio::time::Instant::now() > deadline {
                    tracing::debug!(%error, "no connection to the worker");
                    return None;
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Passes status and commands on until the connection closes.
async fn converse(
    shared: &Arc<Shared>,
    entry: &Arc<Entry>,
    link: &Link,
    mut status: watch::Receiver<WorkerStatus>,
    plan: &LaunchPlan,
    commands: &mut mpsc::Receiver<Command>,
) {
    let mut ping = tokio::time::interval(PING_EVERY);
    ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut lease = entry.lease();
    status.mark_changed();
    lease.mark_changed();
    let mut rules = shared.rules.watch();
    // It has those that stood in its plan; what has changed since is told at once.
    if **rules.borrow() != plan.rules {
        rules.mark_changed();
    }
    let mut told_to_stop = false;
    loop {
        tokio::select! {
            changed = status.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = status.borrow_and_update().clone();
                take_in(shared, entry, now);
            }
            _ = ping.tick() => match link.ask(Ask::Ping).await {
                Ok(()) => {
                    entry.worker_answered();
                    shared.unpark();
                }
                Err(LinkError::Closed) => return,
                Err(error) => tracing::warn!(attempt = %entry.id(), %error, "no sign of life"),
            },
            Ok(()) = lease.changed() => {
                let stopped = lease.borrow_and_update().stopped;
                if let Some(reason) = stopped.filter(|_| !told_to_stop) {
                    told_to_stop = true;
                    let because = super::words::not_ours(reason);
                    end(entry, link, EndReason::NotOurs { because }).await;
                }
            }
            Ok(()) = rules.changed() => {
                let rules = (**rules.borrow_and_update()).clone();
                if let Err(error) = link.ask(Ask::Rules { rules }).await {
                    tracing::warn!(attempt = %entry.id(), %error, "the worker did not take the rules in");
                }
            }
            Some(command) = commands.recv() => obey(shared, entry, link, command).await,
        }
    }
}

fn take_in(shared: &Shared, entry: &Entry, status: WorkerStatus) {
    entry.worker_answered();
    let phase_changed = entry.enter(status.phase);
    let was_parked = entry.view().parked.is_some();
    let is_parked = status.parked.is_some();
    let view_changed = entry.change_view(|view| {
        view.agent = Some(status.agent);
        view.last_action = status.last_action;
        view.approvals = status.approvals;
        view.questions = status.questions;
        view.settled = status.settled;
        view.cancelling |= status.ending;
        view.parked = status.parked;
        view.worker_answers = true;
    });
    entry.written.send_if_modified(|written| {
        let new = Numbers {
            events: status.events,
            log: status.log,
        };
        let changed = *written != new;
        *written = new;
        changed
    });
    if !is_parked {
        // From here on it holds its slot by itself.
        entry.set_going_on(false);
    }
    if view_changed {
        shared.unpark();
    }
    if phase_changed || view_changed {
        shared.show_attempts();
    }
    if was_parked != is_parked {
        // A slot is free, or is not any more.
        shared.sync_wanted.notify_one();
    }
}

async fn obey(shared: &Shared, entry: &Entry, link: &Link, command: Command) {
    match command {
        Command::Order(order) => {
            if matches!(order.order, OrderKind::Cancel { .. }) {
                cancelling(shared, entry);
            }
            carry_out(shared, entry, link, &order).await;
        }
        Command::GoOn => {
            if let Err(error) = link.ask(Ask::GoOn).await {
                tracing::warn!(attempt = %entry.id(), %error, "a parked attempt goes on later");
                entry.set_going_on(false);
            }
        }
        Command::End(why) => {
            cancelling(shared, entry);
            end(entry, link, why).await;
        }
        Command::AnswerApproval {
            approval_id,
            answer,
            by,
            rule,
            reply,
        } => {
            let ask = Ask::AnswerApproval {
                approval_id,
                answer,
                by,
                rule: rule.map(Box::new),
            };
            reply.send(link.ask(ask).await.map_err(problem)).ok();
        }
        Command::AnswerQuestion {
            question_id,
            answer,
            by,
            reply,
        } => {
            let ask = Ask::AnswerQuestion {
                question_id,
                answer,
                by,
            };
            reply.send(link.ask(ask).await.map_err(problem)).ok();
        }
    }
}

/// Carries an order out; one that cannot be carried out now comes again.
async fn carry_out(shared: &Shared, entry: &Entry, link: &Link, order: &Order) {
    let told = match order.order.clone() {
        OrderKind::Cancel { by, .. } => {
            let why = EndReason::Cancelled { by };
            link.ask(Ask::End { why }).await
        }
        OrderKind::AnswerQuestion {
            question_id,
            answer,
            by,
        } => {
            let ask = Ask::AnswerQuestion {
                question_id,
                answer,
                by,
            };
            link.ask(ask).await
        }
        OrderKind::AnswerApproval {
            approval_id,
            answer,
            by,
            account_id,
        } => {
            let ready = rules::of_web(shared, answer, &by, account_id).await;
            let ask = |ready: Ready| Ask::AnswerApproval {
                approval_id,
                answer: ready.answer,
                by: by.clone(),
                rule: ready.rule.map(Box::new),
            };
            let (made, again) = (
                ready.rule.as_ref().map(|rule| rule.id),
                rules::for_the_job(ready.answer.clone()),
            );
            match link.ask(ask(ready)).await {
                Err(LinkError::Refused(problem)) => {
                    rules::take_back(shared, made).await;
                    // The rule does not fit what is asked; what the person allowed stays allowed.
                    if made.is_some() && problem.code == ErrorCode::Invalid {
                        link.ask(ask(again)).await
                    } else {
                        Err(LinkError::Refused(problem))
                    }
                }
                told => {
                    rules::release(shared, made).await;
                    told
                }
            }
        }
    };
    match told {
        Ok(()) => {}
        // It lost against an earlier answer; the record says whose counted.
        Err(LinkError::Refused(problem)) => {
            tracing::info!(attempt = %entry.id(), %problem, "an answer from the web was not applied");
        }
        Err(error) => {
            tracing::warn!(attempt = %entry.id(), %error, "an order is carried out later");
            shared.attempts.order_failed(order);
        }
    }
}

fn problem(error: LinkError) -> Problem {
    match error {
        LinkError::Refused(problem) => problem,
        LinkError::Closed | LinkError::Slow | LinkError::Unreachable(_) => Problem::new(
            ErrorCode::Unavailable,
            "The job's worker does not answer at the moment.",
        )
        .hint("Try again."),
    }
}

fn cancelling(shared: &Shared, entry: &Entry) {
    if entry.change_view(|view| view.cancelling = true) {
        shared.show_attempts();
    }
}

async fn end(entry: &Entry, link: &Link, why: EndReason) {
    if let Err(error) = link.ask(Ask::End { why }).await {
        tracing::warn!(attempt = %entry.id(), %error, "the worker could not be told to end");
    }
}

/// Waits for a worker whose connection is closed; one that stays is spoken to again.
async fn wait_for_end(process: process::Identity) {
    let deadline = tokio::time::Instant::now() + GO_PATIENCE;
    while process::is_alive(process) && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// A worker that runs and does not answer can still be ended.
async fn answer_without_worker(
    shared: &Shared,
    entry: &Entry,
    process: process::Identity,
    commands: &mut mpsc::Receiver<Command>,
) {
    let patience = tokio::time::sleep(LISTEN_PATIENCE);
    tokio::pin!(patience);
    loop {
        tokio::select! {
            () = &mut patience => return,
            Some(command) = commands.recv() => match command {
                Command::Order(order) if !matches!(order.order, OrderKind::Cancel { .. }) => {
                    shared.attempts.order_failed(&order);
                }
                Command::Order(_) | Command::End(_) => {
                    let mark = process::Mark {
                        name: worker::MARK.to_owned(),
                        value: entry.id().to_string(),
                    };
                    process::end_all(process, Some(mark)).await;
                    return;
                }
                Command::GoOn => entry.set_going_on(false),
                Command::AnswerApproval { reply, .. } | Command::AnswerQuestion { reply, .. } => {
                    reply.send(Err(problem(LinkError::Slow))).ok();
                }
            },
        }
    }
}
