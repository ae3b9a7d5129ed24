//! `coord demo-agent`: an agent without a model.

use crate::{
    exit::{Done, Exit, Failure},
    runtime,
};

/// Speaks the Agent Client Protocol over standard input and output until its input ends.
pub(crate) fn run() -> Done {
    runtime::small()?
        .block_on(agents::demo::main())
        .map_err(|error| Failure::plain(format!("the demo agent broke off: {error}")))?;
    Ok(Exit::Ok)
}
