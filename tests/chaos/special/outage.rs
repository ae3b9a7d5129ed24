//! Every coordinator is away for longer than a silent runner would be borne.

use std::time::Duration;

use super::{PATIENCE, away_for, size};
use crate::{checks, field::Field, work::Work};

#[test]
fn an_outage_beyond_lease_and_grace_loses_no_attempt() {
    let mut field = Field::ready(size(2, 1));
    let mut meanwhile = Work::empty(0);
    meanwhile.say("begin 0");
    meanwhile.silent("wait 2s");
    meanwhile.flood(700);
    meanwhile.hand_back();
    let mut beyond = Work::empty(1);
    beyond.say("begin 1");
    beyond.silent("wait 25s");
    beyond.flood(300);
    let ids = [field.client.give(&meanwhile), field.client.give(&beyond)];
    for id in &ids {
        field.client.wait_for_log(id, 1);
    }
    for coordinator in &mut field.coordinators {
        coordinator.end("KILL");
    }
    away_for(PATIENCE + Duration::from_secs(6));
    for number in 0..field.coordinators.len() {
        field.start_coordinator(number);
    }
    for (id, work) in ids.iter().zip([&meanwhile, &beyond]) {
        field.client.wait_until_over(id);
        assert_eq!(
            checks::job_is_well(&field, work, id),
            1,
            "one attempt did it"
        );
    }
}
