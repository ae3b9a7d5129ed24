//! This user's sign-ins, and how their tokens are renewed.

use std::{env, time::Duration};

use protocol::{
    api::{PersonRef, TokenRequest},
    error::OAuthError,
    ids::RequestId,
    runner::TokenSet,
    time::Timestamp,
};
use settings::{
    credentials::{Choice, KeptIn},
    logins::{Login, LoginError, Logins},
};
use tokio::sync::Mutex;

use crate::{
    client::{Client, server_url, unreachable},
    context::Context,
    exit::{Exit, Failure},
    format,
};

/// An access token is renewed this long before its end, so that it does not end on the way.
const EARLY_MS: u64 = 30_000;
/// Longest wait for one answer.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The sign-ins in this user's configuration directory.
pub(crate) fn open(context: &Context) -> Result<Logins, Failure> {
    let choice = Choice::from_environment(|name| env::var(name).ok());
    Ok(Logins::new(&context.config_dir()?, choice))
}

/// The server that is meant: the one named, or the one signed in to last.
pub(crate) fn server(logins: &Logins, named: Option<&str>) -> Result<String, Failure> {
    if let Some(named) = named {
        return server_url(named).map(|url| url.as_str().trim_end_matches('/').to_owned());
    }
    logins.last_server().map_err(failure)?.ok_or_else(|| {
        Failure::new(Exit::NotSignedIn, "you are not signed in to a coordinator")
            .hint("Sign in with `coord login --server URL`.")
    })
}

/// Keeps a new sign-in, and says where.
pub(crate) async fn keep(
    logins: &Logins,
    server: &str,
    account: PersonRef,
    tokens: TokenSet,
) -> Result<KeptIn, Failure> {
    let _renewal = logins.renew().await.map_err(failure)?;
    let login = Login {
        server: server.to_owned(),
        account,
        access_ends_at: ends_at(&tokens),
        tokens,
    };
    logins.set(&login).await.map_err(failure)
}

/// Forgets the sign-in at `server`.
pub(crate) async fn forget(logins: &Logins, server: &str) -> Result<(), Failure> {
    let _renewal = logins.renew().await.map_err(failure)?;
    logins.delete(server).await.map_err(failure)
}

/// Somebody who is signed in at a server.
#[derive(Debug)]
pub(crate) struct SignedIn {
    logins: Logins,
    login: Mutex<Login>,
}

impl SignedIn {
    /// The sign-in at `server`, if there is one.
    pub(crate) async fn find(logins: &Logins, server: &str) -> Result<Option<Self>, Failure> {
        let login = logins.get(server).await.map_err(failure)?;
        Ok(login.map(|login| Self {
            logins: logins.clone(),
            login: Mutex::new(login),
        }))
    }

    /// A token that is good for a while.
    pub(crate) async fn access_token(&self, client: &Client) -> Result<String, Failure> {
        let mut login = self.login.lock().await;
        if !is_fresh(&login) {
            *login = self.renew(client, &login).await?;
        }
        Ok(login.tokens.access_token.clone())
    }

    /// A token other than `refused`, which the server does not take any more.
    pub(crate) async fn renewed_token(
        &self,
        client: &Client,
        refused: &str,
    ) -> Result<String, Failure> {
        let mut login = self.login.lock().await;
        if login.tokens.access_token == refused {
            *login = self.renew(client, &login).await?;
        }
        Ok(login.tokens.access_token.clone())
    }

    /// Trades the refresh token for new tokens, unless another command just did.
    async fn renew(&self, client: &Client, old: &Login) -> Result<Login, Failure> {
        let _renewal = self.logins.renew().await.map_err(failure)?;
        let current = self.logins.get(&old.server).await.map_err(failure)?;
        let mut login = current.ok_or_else(|| not_signed_in(&old.server))?;
        if login.tokens.access_token != old.tokens.access_token && is_fresh(&login) {
            return Ok(login);
        }
        login.tokens = trade(client, &login).await?;
        login.access_ends_at = ends_at(&login.tokens);
        // Written down before it is used: the old refresh token is good until then.
        self.logins.set(&login).await.map_err(failure)?;
        Ok(login)
    }
}

async fn trade(client: &Client, login: &Login) -> Result<TokenSet, Failure> {
    let server = &login.server;
    let request = TokenRequest::RefreshToken {
        refresh_token: login.tokens.refresh_token.clone(),
        request_id: Some(RequestId(uuid::Uuid::now_v7())),
    };
    let response = client
        .http()
        .post(client.url(&["api", "oauth", "token"]))
        .timeout(CALL_TIMEOUT)
        .form(&request)
        .send()
        .await
        .map_err(|error| unreachable(server, &error))?;
    let status = response.status();
    if status.is_success() {
        return response
            .json()
            .await
            .map_err(|error| unreachable(server, &error));
    }
    match response.json::<OAuthError>().await {
        Ok(error) if error.error == "invalid_grant" => Err(Failure::new(
            Exit::NotSignedIn,
            format!("your sign-in at {server} has ended, or somebody has ended it"),
        )
        .hint(format!(
            "Sign in again with `coord login --server {server}`."
        ))),
        _ => Err(Failure::new(
            Exit::Unreachable,
            format!("{server} does not renew the sign-in: {status}"),
        )
        .hint("Try again in a moment.")),
    }
}

/// The failure of a call that needs somebody who is signed in.
pub(crate) fn not_signed_in(server: &str) -> Failure {
    Failure::new(
        Exit::NotSignedIn,
        format!("you are not signed in to {server}"),
    )
    .hint(format!("Sign in with `coord login --server {server}`."))
}

pub(crate) fn failure(error: LoginError) -> Failure {
    anyhow::Error::from(error).into()
}

fn is_fresh(login: &Login) -> bool {
    login.access_ends_at.millis_since(format::now()) > EARLY_MS
}

fn ends_at(tokens: &TokenSet) -> Timestamp {
    format::now().plus_millis(tokens.expires_in.saturating_mul(1000))
}
