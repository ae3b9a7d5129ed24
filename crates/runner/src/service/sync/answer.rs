//! Taking in the answer to a sync.

use std::sync::atomic::Ordering;

use lifecycle::held::Effect;
use protocol::{
    ids::AttemptId,
    runner::{Assignment, RefusedAssignment, StopReason, SyncResponse},
};

use super::Loop;
use crate::{
    clock,
    service::{consent, health, pause},
};

impl Loop {
    /// Takes in an answer; says whether it brought anything new.
    pub(super) async fn take_in(
        &mut self,
        response: &SyncResponse,
        listed: &[AttemptId],
        sent_at_ms: u64,
    ) -> bool {
        let apart = clock::now().0.abs_diff(response.now.0);
        self.shared
            .calendars_apart_ms
            .store(apart, Ordering::Relaxed);
        let mut news = response.send_capabilities;
        self.send_capabilities |= response.send_capabilities;
        for id in listed {
            let Some(entry) = self.shared.attempts.get(*id) else {
                continue;
            };
            let grant = response.leases.iter().find(|lease| lease.attempt_id == *id);
            let stop = response.stop.iter().find(|stop| stop.attempt_id == *id);
            match entry.answered(grant, stop, sent_at_ms) {
                Some(Effect::Begin) => {
                    failpoints::reached("runner.lease.heard");
                    news = true;
                }
                Some(Effect::Stop(reason)) if reason != StopReason::Finished => {
                    tracing::info!(attempt = %id, ?reason, "the attempt is not this runner's any more");
                    news = true;
                }
                // Its outcome has just been taken in; the outbox hears the same.
                Some(Effect::Stop(_)) | None => {}
            }
        }
        for assignment in &response.assignments {
            news |= self.accept(assignment).await;
        }
        for order in &response.orders {
            news |= self.shared.attempts.order(order);
        }
        if let Some(wish) = &response.settings.pause_wish {
            news |= pause::grant(&self.shared, wish).await;
        }
        self.shared.session.named(&response.settings.name).await;
        news
    }

    /// Writes an assignment down and takes it on; the next sync lists it.
    async fn accept(&mut self, assignment: &Assignment) -> bool {
        let shared = &self.shared;
        let id = assignment.attempt_id;
        if shared.attempts.get(id).is_some() {
            return false;
        }
        let state = shared.board.now();
        // What was handed out before the coordinator heard of a pause or a full house
        // is left unlisted, here and below, and goes back to the queue.
        if state.paused.is_some() || state.draining {
            tracing::info!(attempt = %id, "an assignment is left to others");
            return false;
        }
        if let Some(because) = consent::refusal(shared, assignment) {
            tracing::info!(attempt = %id, ?because, "the owner does not let others do this here");
            self.refused.retain(|one| one.attempt_id != id);
            self.refused.push(RefusedAssignment {
                attempt_id: id,
                fence: assignment.fence,
                because,
            });
            return true;
        }
        if !health::has_room(shared).await {
            tracing::info!(attempt = %id, "an assignment is left to others: the disk is nearly full");
            return false;
        }
        if !shared.attempts.make_room(shared.settings().slots) {
            tracing::info!(attempt = %id, "an assignment is left to others: no slot is free");
            return false;
        }
        let taken = shared.take_on(assignment.clone()).await;
        shared.attempts.room_made();
        match taken {
            Ok(taken) => taken,
            Err(error) => {
                tracing::error!(attempt = %id, %error, "an assignment could not be written down, so it is left to others");
                false
            }
        }
    }
}
