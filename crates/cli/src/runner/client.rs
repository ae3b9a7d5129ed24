//! The connection to this machine's service.

use std::path::Path;

use control::{
    Client, ClientError,
    message::{Reply, Request},
    state::ServiceState,
};

use crate::exit::Failure;

/// Connects to the service that works in `data`.
pub(super) async fn connect(data: &Path) -> Result<Client, Failure> {
    Client::connect(data).await.map_err(failure)
}

/// Asks once.
pub(super) async fn call(data: &Path, request: Request) -> Result<Reply, Failure> {
    connect(data).await?.call(request).await.map_err(failure)
}

/// The service's state; none when no service runs.
pub(super) async fn state(data: &Path) -> Result<Option<ServiceState>, Failure> {
    let state = match Client::connect(data).await {
        Ok(client) => client.state().await,
        Err(error) => Err(error),
    };
    match state {
        Ok(state) => Ok(Some(state)),
        Err(ClientError::NotRunning { .. }) => Ok(None),
        Err(error) => Err(failure(error)),
    }
}

/// The state of a service that must run.
pub(super) async fn running_state(data: &Path) -> Result<ServiceState, Failure> {
    connect(data).await?.state().await.map_err(failure)
}

/// What a call was refused with, or why it was not answered.
pub(super) fn failure(error: ClientError) -> Failure {
    match error {
        ClientError::Refused(problem) => problem.into(),
        other => anyhow::Error::from(other).into(),
    }
}

/// A reply of another kind than the request's.
pub(super) fn strange() -> Failure {
    Failure::plain("the service's answer does not belong to the question")
        .hint("Service and command may be of different versions: restart the service.")
}
