//! The session's own loop: finds the registration, signs in and out as wished.

use std::{sync::Arc, time::Duration};

use control::state::{Connection, CredentialStore};
use protocol::{
    agent::Platform, digest::sha256_hex, runner::RegisterRequest, version::VersionRange,
};
use settings::credentials::{VaultError, runner_entry};
use tokio::sync::{mpsc, watch};

use super::{
    Registration, Session, Wish,
    device::{self, DeviceError},
    standing::{Access, Standing, access_of},
};
use crate::{
    clock,
    options::AccountLogin,
    service::{
        api::{Api, CallError},
        place,
    },
};

/// Time between two looks at a vault that is locked.
const VAULT_LOOK_EVERY: Duration = Duration::from_secs(5);

/// What the loop needs beside the session.
pub(crate) struct Context {
    /// The coordinator's address, as it is set now.
    pub(crate) server: watch::Receiver<Option<String>>,
    /// The wished name of the runner.
    pub(crate) name: Option<String>,
    pub(crate) platform: Platform,
    pub(crate) account_login: Option<AccountLogin>,
}

/// Looks after the session for as long as the service runs.
pub(crate) async fn run(
    session: Arc<Session>,
    mut context: Context,
    mut wishes: mpsc::Receiver<Wish>,
) {
    session.load(&context).await;
    loop {
        tokio::select! {
            Some(wish) = wishes.recv() => match wish {
                Wish::SignIn if !session.is_signed_in() => {
                    session.sign_in(&context, &mut wishes).await;
                }
                Wish::SignOut => session.sign_out().await,
                Wish::Load if !session.is_signed_in() => session.load(&context).await,
                Wish::SignIn | Wish::CancelSignIn | Wish::Load => {}
            },
            Ok(()) = context.server.changed() => session.server_changed(&context).await,
            else => return,
        }
    }
}

impl Session {
    /// Takes up the registration that is kept, or makes one with this user's own sign-in.
    async fn load(&self, context: &Context) {
        if self.is_elsewhere() {
            tracing::error!("{}", place::ELSEWHERE);
            return self.out(Some(place::ELSEWHERE.to_owned()));
        }
        let server = context.server.borrow().clone();
        match self.kept_registration().await {
            Some(registration)
                if server
                    .as_ref()
                    .is_none_or(|server| *server == registration.server) =>
            {
                match Api::new(&registration.server) {
                    Ok(api) => return self.enter(api, registration, None).await,
                    Err(error) => return self.out(Some(error.to_string())),
                }
            }
            Some(_) | None => {}
        }
        let Some((server, login)) = server.zip(context.account_login.as_ref()) else {
            return self.out(None);
        };
        match login(server.clone()).await {
            Some(token) => {
                let registered = match Api::new(&server) {
                    Ok(api) => self.register_until_done(&api, &token, context).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = registered {
                    self.out(Some(error.to_string()));
                }
            }
            None => self.out(None),
        }
    }

    /// Registers with a login's token; a coordinator that is away at the start is waited for.
    async fn register_until_done(
        &self,
        api: &Api,
        token: &str,
        context: &Context,
    ) -> Result<(), CallError> {
        let mut tries = 0;
        let since = clock::now();
        loop {
            match self.register(api, token, context).await {
                Err(CallError::Unreachable(message)) => {
                    tries += 1;
                    let jitter = rand::random_range(0..=1000);
                    let delay = lifecycle::retry::CALL.delay_ms(tries, jitter, None);
                    self.board.update(|state| {
                        state.connection = Connection::Offline {
                            since,
                            message,
                            retry_at: clock::now().plus_millis(delay),
                        };
                    });
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
                done => return done,
            }
        }
    }

    async fn kept_registration(&self) -> Option<Registration> {
        let entry = runner_entry(self.installation());
        loop {
            match self.credentials.get(&entry).await {
                Ok(Some((secret, kept))) => {
                    self.show_vault(&kept);
                    return Registration::from_secret(&secret);
                }
                Ok(None) => return None,
                Err(VaultError::Locked) => {
                    self.board.update(|state| {
                        state.credentials = Some(CredentialStore::Locked);
                        state.connection = Connection::SignedOut {
                            because: Some(VaultError::Locked.to_string()),
                        };
                    });
                    tokio::time::sleep(VAULT_LOOK_EVERY).await;
                }
                Err(error) => {
                    tracing::error!(%error, "the runner's tokens cannot be read");
                    self.board.update(|state| {
                        state.connection = Connection::SignedOut {
                            because: Some(error.to_string()),
                        };
                    });
                    return None;
                }
            }
        }
    }

    async fn sign_in(&self, context: &Context, wishes: &mut mpsc::Receiver<Wish>) {
        let Some(server) = context.server.borrow().clone() else {
            return self.out(Some(
                "The coordinator's address is not set. Enter it, then sign in.".to_owned(),
            ));
        };
        let signing_in = async {
            let api = Api::new(&server)?;
            let tokens = device::authorize(self, &api, &context.platform).await?;
            self.register(&api, &tokens.access_token, context).await?;
            Ok::<(), DeviceError>(())
        };
        tokio::pin!(signing_in);
        loop {
            tokio::select! {
                done = &mut signing_in => {
                    if let Err(error) = done {
                        self.out(Some(error.to_string()));
                    }
                    return;
                }
                Some(wish) = wishes.recv() => match wish {
                    Wish::CancelSignIn | Wish::SignOut => return self.out(None),
                    Wish::SignIn | Wish::Load => {}
                },
            }
        }
    }

    /// Trades an account's token for this runner's own.
    async fn register(&self, api: &Api, token: &str, context: &Context) -> Result<(), CallError> {
        let name = context
            .name
            .clone()
            .unwrap_or_else(|| context.platform.hostname.clone());
        let request = RegisterRequest {
            protocol: VersionRange::OURS,
            installation_id: self.installation(),
            name,
            platform: context.platform.clone(),
            runner_version: env!("CARGO_PKG_VERSION").to_owned(),
            machine_key: machine_key(&context.platform),
        };
        let sent_ms = clock::steady_ms();
        let response = api.register(token, &request).await?;
        let (registration, tokens) = Registration::of(api.server(), response);
        self.keep(&registration).await.map_err(|error| {
            CallError::Unreachable(format!("The runner's tokens cannot be kept: {error}."))
        })?;
        let access: Access = access_of(&tokens, sent_ms);
        self.enter(api.clone(), registration, Some(access)).await;
        Ok(())
    }

    async fn sign_out(&self) {
        if let Ok(call) = self.call().await
            && let Err(error) = call.api.sign_out(&call.token).await
        {
            // The tokens are forgotten all the same; the coordinator shows the runner as offline.
            tracing::warn!(%error, "the coordinator could not be told of the sign-out");
        }
        *self.tokens.lock().await = None;
        self.forget().await;
        self.out(None);
    }

    async fn server_changed(&self, context: &Context) {
        let server = context.server.borrow().clone();
        let current = match &*self.standing.borrow() {
            Standing::In(registration) => Some(registration.server.clone()),
            Standing::Loading | Standing::Out => None,
        };
        if current.is_some() && current == server {
            return;
        }
        *self.tokens.lock().await = None;
        // The registration stays in the vault until another takes its place:
        // whoever changes the address back is signed in again.
        self.load(context).await;
    }

    fn out(&self, because: Option<String>) {
        self.board.update(|state| {
            state.connection = Connection::SignedOut { because };
            state.runner = None;
            state.account = None;
        });
        self.standing.send_replace(Standing::Out);
    }
}

/// Recognises a copied disk; says nothing about the machine otherwise.
fn machine_key(platform: &Platform) -> String {
    let id = ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok());
    let id = id.unwrap_or_else(|| platform.hostname.clone());
    sha256_hex(format!("coord-runner:{}", id.trim()).as_bytes())
}
