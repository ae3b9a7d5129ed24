//! `coord version`

use serde_json::json;

use crate::{context::Context, exit::Done};

/// Shows the version of this program and of the runner protocol that it speaks.
pub(crate) fn run(context: &Context) -> Done {
    let result = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "protocol": {"min": protocol::version::OLDEST, "max": protocol::version::CURRENT},
    });
    context
        .output
        .result(&result, || format!("coord {}", env!("CARGO_PKG_VERSION")))
}
