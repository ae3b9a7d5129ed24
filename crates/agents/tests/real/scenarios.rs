//! What every agent has to do.

mod errors;
mod questions;
mod settings;
mod stops;
mod work;

use futures::future::BoxFuture;

use super::agent::RealAgent;

/// One row of the table.
pub(crate) struct Scenario {
    /// What it is about.
    pub(crate) words: &'static str,
    /// Plays it; what it gives back stands in the table, and a panic is a failure.
    pub(crate) play: fn(&'static dyn RealAgent) -> BoxFuture<'static, String>,
}

macro_rules! scenario {
    ($words:literal, $play:path) => {
        Scenario {
            words: $words,
            play: |agent| Box::pin($play(agent)),
        }
    };
}

/// All of them, in the order of the table.
pub(crate) const ALL: &[Scenario] = &[
    scenario!("found, with version and sign-in", work::found),
    scenario!("text streams", work::streams),
    scenario!("approve takes effect", work::allowed),
    scenario!("deny does not", work::denied),
    scenario!("words with a denial reach it", work::heard),
    scenario!("where it may only read, it writes nothing", work::reads),
    scenario!("its own settings let nothing pass", settings::held),
    scenario!("question answered", questions::asked),
    scenario!("several at once, and own words", questions::several),
    scenario!("question that nobody answers", questions::unanswered),
    scenario!("cancel in a command leaves no process", stops::cancelled),
    scenario!("kill -9, then the same session to its end", stops::killed),
    scenario!("session that is gone", stops::gone),
    scenario!("401", errors::unauthorized),
    scenario!("429", errors::limited),
    scenario!("503", errors::unavailable),
    scenario!("529", errors::overloaded),
    scenario!("refused", errors::refused),
    scenario!("cut in mid-stream", errors::cut),
];
