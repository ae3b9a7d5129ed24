//! Which database the stage's coordinator keeps everything in.

use whole::{Stage, engine};

#[test]
fn the_coordinator_keeps_everything_in_the_engine_that_was_asked_for() {
    let stage = Stage::ready();
    let embedded = stage.path("coordinator/coord.db");
    assert_eq!(embedded.exists(), !engine::is_postgres().unwrap());
}
