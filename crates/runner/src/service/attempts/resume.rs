//! Going on with what an earlier attempt at the same job left on this machine.
//!
//! Only where that attempt broke off, with its machine or its worker, and only once
//! nothing of it runs any more: two processes never work on one session.

use protocol::job::OutcomeKind;

use super::Entry;
use crate::{
    folder::AttemptFolder,
    service::shared::Shared,
    worker::{
        self,
        plan::{self, AgentSession, WorkerIdentity},
    },
};

/// The session that the attempt can go on with; its folder goes with it.
pub(super) async fn earlier(shared: &Shared, entry: &Entry) -> Option<AgentSession> {
    let last = entry.assignment.earlier.last()?;
    if !matches!(last.outcome, OutcomeKind::Interrupted | OutcomeKind::Lost) {
        return None;
    }
    let folder = AttemptFolder::of(&shared.data, last.attempt_id);
    let session: AgentSession = plan::read_for_now(&folder.session()).ok()??;
    let stands = session.session.is_some()
        && session.agent.is_some()
        && session.job_folder.as_ref().is_some_and(|at| at.is_dir());
    if !stands {
        return None;
    }
    let worker: Option<WorkerIdentity> = plan::read_for_now(&folder.worker()).ok()?;
    if worker.is_some_and(|worker| process::is_alive(worker.process)) {
        tracing::info!(attempt = %entry.id(), "the attempt before still has a worker; its session is left alone");
        return None;
    }
    let mark = process::Mark {
        name: worker::MARK.to_owned(),
        value: last.attempt_id.to_string(),
    };
    if let Some(agent) = session.process.filter(|agent| process::is_alive(*agent)) {
        process::end_all(agent, Some(mark.clone())).await;
    }
    for stray in process::marked(&mark) {
        process::end_all(stray, Some(mark.clone())).await;
    }
    let ended = session
        .process
        .is_none_or(|agent| !process::is_alive(agent));
    ended.then_some(session)
}
