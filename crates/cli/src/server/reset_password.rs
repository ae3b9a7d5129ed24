//! `coord server reset-password`: a link for somebody whom no mail and no admin can help.

use coordinator::{ResetError, ResetOptions};
use serde_json::json;

use crate::{
    arguments::ResetPassword,
    context::Context,
    exit::{Done, Exit, Failure},
};

/// Prints a link that works once, for an hour.
pub(super) async fn run(context: &Context, arguments: ResetPassword) -> Done {
    let mut options = ResetOptions::new(arguments.data, &arguments.email, &arguments.public_url);
    options.database = arguments.database;
    let link = coordinator::reset_link(options).await.map_err(failure)?;
    let result = json!({"url": link.url, "expires_at": link.expires_at});
    context.output.result(&result, || {
        format!(
            "{}\nOpen it in a browser within an hour: it sets a new password once, and signs every browser out.",
            link.url
        )
    })
}

fn failure(error: ResetError) -> Failure {
    match error {
        ResetError::NoSuchAccount(_) | ResetError::NoData(_) => {
            Failure::new(Exit::NotFound, error.to_string())
        }
        other => anyhow::Error::from(other).into(),
    }
}
