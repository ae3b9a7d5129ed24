//! Making a sync: what the runner says of itself.

use std::{path::Path, sync::atomic::Ordering};

use protocol::{
    agent::Capabilities,
    ids::RequestId,
    limits::SYNC_HOLD_MS,
    runner::{Pause, SharedUse, SyncRequest, Trouble},
    version::CURRENT,
};

use super::Loop;
use crate::{clock, service::consent};

/// What the coordinator should hear without delay when it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Announced {
    paused: Option<Pause>,
    draining: bool,
    troubles: Vec<Trouble>,
    slots: u32,
    shared_use: SharedUse,
}

/// Where programs stand on this machine is nobody else's business.
fn without_places(mut capabilities: Capabilities) -> Capabilities {
    for agent in &mut capabilities.agents {
        let Some(path) = agent.path.take() else {
            continue;
        };
        // What an agent says of itself may name the place, too.
        if let (Some(hint), Some(name)) = (&mut agent.hint, Path::new(&path).file_name()) {
            *hint = hint.replace(&path, &name.to_string_lossy());
        }
    }
    capabilities
}

impl Loop {
    /// The next sync, with everything that is true now.
    pub(super) fn request(&mut self) -> SyncRequest {
        self.seq += 1;
        let shared = &self.shared;
        let state = shared.board.now();
        let capabilities = without_places(shared.capabilities());
        let announced = Announced {
            paused: state.paused.clone(),
            draining: state.draining,
            troubles: state.troubles.clone(),
            slots: state.slots.total,
            shared_use: consent::allowed_now(&shared.settings().shared_use),
        };
        let changed = self.said.replace(announced.clone()).as_ref() != Some(&announced);
        let at_once =
            self.first || changed || !self.refused.is_empty() || self.wants_answer_at_once();
        let digest = capabilities.digest();
        let news = self.capabilities_said.replace(digest.clone()) != Some(digest.clone());
        let in_full = std::mem::take(&mut self.send_capabilities) || news;
        SyncRequest {
            protocol: CURRENT,
            boot_id: shared.boot.id,
            boot_number: shared.boot.number,
            seq: self.seq,
            request_id: RequestId(uuid::Uuid::now_v7()),
            hold_ms: if at_once { 0 } else { SYNC_HOLD_MS },
            slots: shared.slots(),
            capabilities_digest: digest,
            capabilities: in_full.then_some(capabilities),
            paused: state.paused.clone(),
            draining: state.draining,
            troubles: state.troubles.clone(),
            shared_use: Some(announced.shared_use),
            pause_revision: shared.pause_revision.load(Ordering::Relaxed),
            refused: self.refused.clone(),
            held: shared
                .attempts
                .held()
                .iter()
                .map(|entry| entry.listed())
                .collect(),
            orders_kept: shared.attempts.orders_kept(),
        }
    }

    /// Whether an attempt waits for a lease.
    pub(super) fn wants_answer_at_once(&self) -> bool {
        let now = clock::steady_ms();
        self.shared
            .attempts
            .held()
            .iter()
            .any(|entry| lifecycle::held::wants_answer_at_once(&entry.held(), now))
    }
}
