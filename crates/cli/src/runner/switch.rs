//! `coord runner pause|resume|stop|logout`: what changes how the service goes on.

use std::path::Path;

use control::{
    Client, ClientError,
    message::{Reply, Request},
};
use futures::StreamExt as _;
use serde_json::json;

use super::client;
use crate::{
    arguments::{Pause, Stop},
    context::Context,
    exit::{Done, Failure},
    format,
};

/// Takes nothing new for a while.
pub(super) async fn pause(context: &Context, data: &Path, arguments: Pause) -> Done {
    let for_ms = arguments
        .how_long
        .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    let note = arguments.note;
    done(data, Request::Pause { for_ms, note }).await?;
    let state = client::running_state(data).await?;
    let result = json!({"paused": state.paused});
    context.output.result(&result, || {
        let until = state.paused.as_ref().and_then(|pause| pause.until);
        match until {
            Some(until) => format!("Paused until {}.", format::clock(until)),
            None => "Paused.\nNext: coord runner resume".to_owned(),
        }
    })
}

/// Takes jobs again.
pub(super) async fn resume(context: &Context, data: &Path) -> Done {
    done(data, Request::Resume).await?;
    context.output.result(&json!({"paused": null}), || {
        "The runner takes jobs again.".to_owned()
    })
}

/// Ends the service, and waits until it has ended.
pub(super) async fn stop(context: &Context, data: &Path, arguments: &Stop) -> Done {
    let client = client::connect(data).await?;
    let running = client
        .state()
        .await
        .map_err(client::failure)?
        .attempts
        .len();
    let now = arguments.now;
    client
        .call(Request::Stop { now })
        .await
        .map_err(client::failure)?;
    if running > 0 && !now {
        context.output.message(&format!(
            "Waiting for {running} running; `coord runner stop --now` ends them, `coord runner resume` goes on."
        ));
    }
    if resumed(&client, now).await? {
        return Err(Failure::plain("the runner was told to go on meanwhile"));
    }
    context.output.result(&json!({"stopped": true}), || {
        "The runner service has stopped.".to_owned()
    })
}

/// Waits until the service has ended, or until somebody changes their mind.
async fn resumed(client: &Client, now: bool) -> Result<bool, Failure> {
    // Opened after the answer to the stop: an earlier one may still tell of the time before.
    let mut states = match client.watch().await {
        Ok(states) => states,
        Err(ClientError::NotRunning { .. } | ClientError::Closed) => return Ok(false),
        Err(error) => return Err(client::failure(error)),
    };
    while let Some(Ok(state)) = states.next().await {
        if !now && !state.draining {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Goes on as the same runner where the data directory stands now.
pub(super) async fn moved(context: &Context, data: &Path) -> Done {
    done(data, Request::Moved).await?;
    context.output.result(&json!({"moved": true}), || {
        "The same runner goes on here. Do not start it from the old directory any more.".to_owned()
    })
}

/// Ends this machine's registration.
pub(super) async fn logout(context: &Context, data: &Path) -> Done {
    done(data, Request::SignOut).await?;
    context.output.result(&json!({"state": "signed_out"}), || {
        "The runner is signed out.\nNext: coord runner login, or coord runner stop".to_owned()
    })
}

async fn done(data: &Path, request: Request) -> Result<(), Failure> {
    match client::call(data, request).await? {
        Reply::Done => Ok(()),
        _ => Err(client::strange()),
    }
}
