//! A one-time token that signs in a machine without a screen.

use std::{path::Path, sync::Arc, time::Duration};

use ::runner::AccountLogin;
use futures::FutureExt as _;
use protocol::{error::OAuthError, runner::TokenSet};

use crate::{
    client::{Client, unreachable},
    exit::{Exit, Failure},
    login::{self, secret_from},
};

/// Longest wait for the answer.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The token in `file`, or on standard input.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let token = secret_from(file, "token")?;
    Ok(token.trim().to_owned())
}

/// Trades the token for an account's access token when the service has no sign-in of its own.
pub(super) fn account_login(token: String) -> AccountLogin {
    let token = Arc::<str>::from(token);
    Arc::new(move |server| {
        let token = Arc::clone(&token);
        async move {
            match trade(&server, &token).await {
                Ok(access) => Some(access),
                Err(failure) => {
                    tracing::error!(%failure, "the one-time token does not sign this machine in");
                    None
                }
            }
        }
        .boxed()
    })
}

async fn trade(server: &str, token: &str) -> Result<String, Failure> {
    let client = Client::anonymous(server)?;
    let (machine, system) = (login::machine(), login::system());
    let form = [
        (
            "grant_type",
            "urn:coord:params:oauth:grant-type:setup-token",
        ),
        ("setup_token", token),
        ("machine", machine.as_str()),
        ("system", system.as_str()),
    ];
    let url = client.url(&["api", "oauth", "token"]);
    let request = client.http().post(url).timeout(CALL_TIMEOUT).form(&form);
    let answer = request.send().await;
    let answer = answer.map_err(|error| unreachable(client.server(), &error))?;
    if answer.status().is_success() {
        let set: TokenSet = answer
            .json()
            .await
            .map_err(|error| unreachable(client.server(), &error))?;
        return Ok(set.access_token);
    }
    let refused = answer.json::<OAuthError>().await.ok();
    let why = refused.and_then(|refused| refused.error_description);
    Err(Failure::new(
        Exit::NotSignedIn,
        why.unwrap_or_else(|| "the token is unknown, used or too old".to_owned()),
    )
    .hint("Make a new one on the Download Runner page of the web app."))
}
