//! What happens on one machine: its service, its workers, its agents.

use std::time::Duration;

use whole::processes;

use super::{Kind, Remedy, Weather};
use crate::field::Field;

impl Weather {
    pub(super) fn service(
        &mut self,
        kind: Kind,
        field: &mut Field,
        number: usize,
    ) -> Option<String> {
        let one = &mut field.machines[number];
        one.child.as_ref()?;
        if one.armed.is_some() || self.is_service_broken(number) {
            return None;
        }
        let patience = self.patience_ms();
        let (remedy, longest) = match kind {
            Kind::ServiceSuspended => {
                one.signal("STOP");
                // Past the lease as often as not, and past the grace at times.
                (Remedy::ResumeMachine(number), patience * 3 / 2)
            }
            Kind::ServiceDetached => {
                one.end("TERM");
                (Remedy::StartMachine(number), 2_000)
            }
            _ => {
                one.end("KILL");
                let is_long = self.dice.between(1, 5) == 1;
                let longest = if is_long { patience * 3 / 2 } else { 2_000 };
                (Remedy::StartMachine(number), longest)
            }
        };
        let name = one.name.clone();
        let after = self.after_ms(0, longest);
        self.due_after(after, remedy);
        Some(format!("{name} for {after:.1?}"))
    }

    /// Whether the service of a machine is gone or stands still.
    pub(super) fn is_service_broken(&self, number: usize) -> bool {
        let mends = [Remedy::StartMachine(number), Remedy::ResumeMachine(number)];
        self.due.has(|it| mends.contains(&it))
    }

    pub(super) fn process(&mut self, kind: Kind, field: &Field, first: usize) -> Option<String> {
        let word = if kind == Kind::AgentKilled {
            " demo-agent"
        } else {
            " worker"
        };
        // One that waits for an assignment is as good only now and then.
        let any = kind == Kind::AgentKilled || self.dice.place(4) == 0;
        // Of some machine that has one, beginning with the one that chance named.
        let count = field.machines.len();
        let (one, found) = (0..count)
            .map(|step| &field.machines[(first + step) % count])
            .map(|one| {
                let mut found = one.processes(word);
                found.retain(|process| any || process.is_worker());
                (one, found)
            })
            .find(|(_, found)| !found.is_empty())?;
        let victim = found.get(self.dice.place(found.len()))?;
        if kind == Kind::WorkerSuspended {
            processes::signal(victim.id, "STOP");
            let after = self.after_ms(500, self.patience_ms());
            self.due_after(after, Remedy::ResumeProcess(victim.id));
        } else {
            processes::signal(victim.id, "KILL");
        }
        Some(format!("process {} of {}", victim.id, one.name))
    }

    fn patience_ms(&self) -> u64 {
        let patience: Duration = self.lengths.patience;
        u64::try_from(patience.as_millis()).unwrap()
    }
}
