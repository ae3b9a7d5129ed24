//! What all machines need: coordinators and the database.

use std::time::Duration;

use whole::processes;

use super::{Kind, Remedy, Weather};
use crate::field::Field;

impl Weather {
    pub(super) fn coordinator(
        &mut self,
        kind: Kind,
        field: &mut Field,
        number: usize,
    ) -> Option<String> {
        let short = self.after_ms(300, 3_000);
        let one = &mut field.coordinators[number];
        let id = one.child.as_ref()?.id();
        if one.armed.is_some() || self.due.has(|it| it == Remedy::ResumeCoordinator(number)) {
            return None;
        }
        let remedy = match kind {
            Kind::CoordinatorSuspended => {
                processes::signal(id, "STOP");
                Remedy::ResumeCoordinator(number)
            }
            Kind::CoordinatorRestarted => {
                one.end("TERM");
                Remedy::StartCoordinator(number)
            }
            _ => {
                one.end("KILL");
                Remedy::StartCoordinator(number)
            }
        };
        let name = one.name.clone();
        self.due_after(short, remedy);
        Some(name)
    }

    pub(super) fn database(&mut self, kind: Kind, field: &mut Field) -> Option<String> {
        let broken = |it| matches!(it, Remedy::StartDatabase | Remedy::ResumeDatabase);
        if self.due.has(broken) {
            return None;
        }
        if kind == Kind::DatabaseKilled {
            field.postgres.kill().unwrap();
            let short = self.after_ms(300, 3_000);
            self.due_after(short, Remedy::StartDatabase);
        } else {
            field.postgres.suspend();
            // For as long as it may be now and then; else there would be little but that.
            let most = u64::try_from(self.lengths.database.as_millis()).unwrap();
            let is_long = self.dice.between(1, 5) == 1;
            let most = if is_long { most } else { most.min(4_000) };
            let after = self.after_ms(500, most);
            self.due_after(after, Remedy::ResumeDatabase);
        }
        Some("the database".to_owned())
    }

    pub(super) fn outage(&mut self, field: &mut Field) -> String {
        let back = self.lengths.patience + Duration::from_secs(3);
        for (number, one) in field.coordinators.iter_mut().enumerate() {
            one.end("KILL");
            self.due.forget(|it| {
                [
                    Remedy::StartCoordinator(number),
                    Remedy::ResumeCoordinator(number),
                ]
                .contains(&it)
            });
            self.due_after(back, Remedy::StartCoordinator(number));
        }
        "every coordinator".to_owned()
    }
}
