//! `coord runner login`

use std::path::Path;

use control::{message::Request, state::Connection};
use futures::StreamExt as _;
use serde_json::json;

use super::{client, status};
use crate::{
    context::Context,
    exit::{Done, Exit, Failure},
    output,
};

/// Begins a sign-in of the service, shows its code, and waits until it has ended.
pub(super) async fn run(context: &Context, data: &Path) -> Done {
    if context.no_input {
        return Err(Failure::new(
            Exit::NotSignedIn,
            "signing in needs a person with a browser",
        )
        .hint("Sign in with `coord login --email E --password-file F`, then start the runner."));
    }
    let client = client::connect(data).await?;
    let mut states = client.watch().await.map_err(client::failure)?;
    client
        .call(Request::SignIn)
        .await
        .map_err(client::failure)?;
    let mut shown = None;
    let mut before = true;
    while let Some(state) = states.next().await {
        let state = state.map_err(client::failure)?;
        match &state.connection {
            Connection::SigningIn {
                user_code,
                verification_uri_complete,
                ..
            } => {
                before = false;
                if shown.as_ref() != Some(user_code) {
                    output::prompt(&format!(
                        "Open   {verification_uri_complete}\nConfirm that the code is   {user_code}\n"
                    ));
                    shown = Some(user_code.clone());
                }
            }
            // The first states may be from before the sign-in.
            Connection::SignedOut { .. } | Connection::Removed if before => {}
            Connection::SignedOut { because } => {
                let why = because.as_deref().unwrap_or("it was broken off");
                return Err(Failure::new(
                    Exit::NotSignedIn,
                    format!("the runner is not signed in: {why}"),
                ));
            }
            _ => {
                let result = json!({"account": state.account, "runner": state.runner});
                return context.output.result(&result, || {
                    format!("The runner is signed in: {}.", status::summary(&state))
                });
            }
        }
    }
    Err(Failure::plain("the service ended during the sign-in"))
}
