//! From a launch to a program.

use process::{Mark, Program};

use crate::driver::{Launch, SessionPlan};

/// The variable by which everything that an agent started is recognised at its end.
///
/// Its value has to be this attempt's alone, as its id is.
pub const MARK_VARIABLE: &str = "COORD_ATTEMPT_ID";

/// What the record says where a session that was to be taken up is gone.
pub(crate) const ANEW: &str = "the earlier session could not be found; a new one was begun";

impl Launch {
    /// The same with a session of its own.
    pub(crate) fn anew(self) -> Self {
        let id = uuid::Uuid::new_v4();
        Self {
            session: SessionPlan::New { id },
            ..self
        }
    }
}

/// The agent's program with its folder and environment, and with the mark where it has one.
pub(crate) fn program_of(launch: &Launch) -> Program {
    let program = Program::new(&launch.program)
        .folder(&launch.folder)
        .environment(launch.environment.clone());
    let mark = launch
        .environment
        .iter()
        .rev()
        .find(|(name, _)| name == MARK_VARIABLE);
    match mark {
        Some((name, value)) => program.marked_by(Mark {
            name: name.clone(),
            value: value.clone(),
        }),
        None => program,
    }
}
