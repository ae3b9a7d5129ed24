//! What happens between programs.

use std::time::Duration;

use whole::proxy::Fault;

use super::{Kind, Remedy, Weather};
use crate::field::Field;

impl Weather {
    pub(super) fn network(
        &mut self,
        kind: Kind,
        field: &Field,
        machine: usize,
        coordinator: usize,
    ) -> Option<String> {
        let (proxy, remedy, name) = if kind == Kind::DatabaseNetwork {
            let one = &field.coordinators[coordinator];
            let remedy = Remedy::MendDatabaseNetwork(coordinator);
            (&one.database, remedy, &one.name)
        } else {
            let one = &field.machines[machine];
            (&one.network, Remedy::MendNetwork(machine), &one.name)
        };
        if proxy.fault().is_some() {
            return None;
        }
        let late = Fault::Late(self.after_ms(50, 900));
        let fault = match kind {
            Kind::NetworkCut => Fault::Cut,
            Kind::NetworkHalfOpen => Fault::HalfOpen,
            Kind::RepliesLost => Fault::ReplyLost,
            Kind::RequestsDoubled => Fault::Doubled,
            Kind::DatabaseNetwork => {
                [Fault::Cut, Fault::ReplyLost, Fault::Slow][self.dice.place(3)]
            }
            _ => [Fault::Slow, late][self.dice.place(2)],
        };
        proxy.set_fault(Some(fault));
        let after: Duration = self.after_ms(300, 8_000);
        self.due_after(after, remedy);
        Some(format!("{name}: {fault:?} for {after:.1?}"))
    }
}
