//! Who this machine is to the coordinator: signing in, tokens, and how that ends.
//!
//! A new refresh token is in the vault before the access token that came with it
//! is used; until then the coordinator takes the old one. So a crash between the
//! two never signs a runner out.

mod device;
mod kept;
mod standing;
mod task;

use std::sync::{Arc, Mutex, PoisonError};

use control::state::{Connection, CredentialStore, RunnerRef};
use protocol::{
    api::TokenRequest,
    ids::{InstallationId, RequestId},
};
use settings::credentials::{Credentials, KeptIn, VaultError, runner_entry};
use tokio::sync::{mpsc, watch};

use super::{
    api::{Api, CallError},
    state::Board,
};
use crate::clock;
use standing::{Access, Standing, Tokens, access_of, end_of, signed_out_now};

pub(crate) use kept::Registration;
pub(crate) use standing::{Call, Ended, SignedIn, Wish};
pub(crate) use task::{Context, run};

/// An access token is renewed when it has less time left than this.
const RENEW_BEFORE_MS: u64 = 60_000;
/// Wishes that may wait at once.
const WISHES_WAITING_MAX: usize = 16;

/// Which installation this is.
#[derive(Debug, Clone, Copy)]
struct Identity {
    installation: InstallationId,
    /// Whether the data directory is not where it was: then nothing is done in its name.
    elsewhere: bool,
}

/// This machine's standing with its coordinator.
#[derive(Debug)]
pub(crate) struct Session {
    board: Arc<Board>,
    credentials: Credentials,
    identity: Mutex<Identity>,
    standing: watch::Sender<Standing>,
    tokens: tokio::sync::Mutex<Option<Tokens>>,
    refused: Arc<Mutex<Option<String>>>,
    wishes: mpsc::Sender<Wish>,
}

impl Session {
    /// The standing of the installation whose tokens are in `credentials`; the task takes the wishes.
    pub(crate) fn new(
        board: Arc<Board>,
        credentials: Credentials,
        installation: InstallationId,
        elsewhere: bool,
    ) -> (Arc<Self>, mpsc::Receiver<Wish>) {
        let (wishes, granted) = mpsc::channel(WISHES_WAITING_MAX);
        let session = Self {
            board,
            credentials,
            identity: Mutex::new(Identity {
                installation,
                elsewhere,
            }),
            standing: watch::Sender::new(Standing::Loading),
            tokens: tokio::sync::Mutex::new(None),
            refused: Arc::default(),
            wishes,
        };
        (Arc::new(session), granted)
    }

    /// Whether the data directory is not where it was, and nobody has said why.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.identity().elsewhere
    }

    /// The data directory is where it belongs from here on; as a new installation where one is given.
    pub(crate) fn at_home(&self, new: Option<InstallationId>) {
        let mut identity = self.identity.lock().unwrap_or_else(PoisonError::into_inner);
        identity.elsewhere = false;
        identity.installation = new.unwrap_or(identity.installation);
    }

    fn installation(&self) -> InstallationId {
        self.identity().installation
    }

    fn identity(&self) -> Identity {
        *self.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until somebody is signed in.
    pub(crate) async fn signed_in(&self) -> SignedIn {
        let mut standing = self.standing.subscribe();
        standing
            .wait_for(|standing| matches!(standing, Standing::In(_)))
            .await
            .ok();
        SignedIn(standing)
    }

    /// Waits until it is known that nobody is signed in.
    pub(crate) async fn signed_out(&self) {
        let mut standing = self.standing.subscribe();
        standing
            .wait_for(|standing| matches!(standing, Standing::Out))
            .await
            .ok();
    }

    /// Whether somebody is signed in.
    pub(crate) fn is_signed_in(&self) -> bool {
        matches!(*self.standing.borrow(), Standing::In(_))
    }

    /// Wishes something; false when too much is wished already.
    pub(crate) fn wish(&self, wish: Wish) -> bool {
        self.wishes.try_send(wish).is_ok()
    }

    /// What a call needs, with a token that is fresh.
    pub(crate) async fn call(&self) -> Result<Call, CallError> {
        let mut tokens = self.tokens.lock().await;
        let Some(held) = tokens.as_mut() else {
            return Err(signed_out_now());
        };
        let refused = self
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if held.access.as_ref().map(|access| &access.token) == refused.as_ref() {
            held.access = None;
        }
        let now = clock::steady_ms();
        let fresh = held
            .access
            .clone()
            .filter(|access| access.ends_ms > now.saturating_add(RENEW_BEFORE_MS));
        let access = match fresh {
            Some(access) => access,
            None => match self.renew(held).await {
                Ok(access) => access,
                Err(error) => {
                    if let Some(ended) = end_of(&error) {
                        *tokens = None;
                        drop(tokens);
                        self.ended(ended).await;
                    }
                    return Err(error);
                }
            },
        };
        Ok(Call {
            api: held.api.clone(),
            token: access.token,
            refused: Arc::clone(&self.refused),
        })
    }

    /// Trades the refresh token for a new set.
    async fn renew(&self, held: &mut Tokens) -> Result<Access, CallError> {
        let request = TokenRequest::RefreshToken {
            refresh_token: held.registration.refresh_token.clone(),
            request_id: Some(RequestId(uuid::Uuid::now_v7())),
        };
        let sent_ms = clock::steady_ms();
        let set = held.api.token(&request).await?;
        failpoints::reached("runner.tokens.received");
        held.registration
            .refresh_token
            .clone_from(&set.refresh_token);
        // Only what is in the vault may be used: the first use ends the old token.
        self.keep(&held.registration).await.map_err(|error| {
            CallError::Unreachable(format!("The runner's tokens cannot be kept: {error}."))
        })?;
        failpoints::reached("runner.tokens.kept");
        let access = access_of(&set, sent_ms);
        held.access = Some(access.clone());
        Ok(access)
    }

    async fn keep(&self, registration: &Registration) -> Result<(), VaultError> {
        let kept = self
            .credentials
            .set(&runner_entry(self.installation()), &registration.secret())
            .await;
        match &kept {
            Ok(place) => self.show_vault(place),
            Err(VaultError::Locked) => self
                .board
                .update(|state| state.credentials = Some(CredentialStore::Locked)),
            Err(error) => tracing::warn!(%error, "the runner's tokens could not be kept"),
        }
        kept.map(drop)
    }

    fn show_vault(&self, kept: &KeptIn) {
        let shown = match kept {
            KeptIn::Keyring => CredentialStore::Keyring,
            KeptIn::File(path) => CredentialStore::File {
                path: path.display().to_string(),
            },
        };
        self.board.update(|state| state.credentials = Some(shown));
    }

    /// Takes up a registration, with the access token that came with it.
    async fn enter(&self, api: Api, registration: Registration, access: Option<Access>) {
        self.board.update(|state| {
            state.connection = Connection::Connecting;
            state.runner = Some(RunnerRef {
                id: registration.runner_id,
                name: registration.name.clone(),
                short_id: registration.short_id.clone(),
            });
            state.account = Some(registration.account.clone());
        });
        let shared = Arc::new(registration.clone());
        *self.tokens.lock().await = Some(Tokens {
            api,
            registration,
            access,
        });
        self.standing.send_replace(Standing::In(shared));
    }

    /// The sign-in has ended without the person's doing.
    pub(crate) async fn ended(&self, ended: Ended) {
        tracing::warn!(?ended, "the sign-in has ended");
        *self.tokens.lock().await = None;
        if matches!(ended, Ended::Removed | Ended::SignedOut { .. }) {
            self.forget().await;
        }
        self.show_end(&ended);
        self.standing.send_replace(Standing::Out);
    }

    fn show_end(&self, ended: &Ended) {
        self.board.update(|state| {
            state.connection = match ended {
                Ended::Removed => Connection::Removed,
                Ended::Superseded => Connection::Superseded,
                Ended::VersionUnsupported { message } => Connection::VersionUnsupported {
                    message: message.clone(),
                },
                Ended::SignedOut { because } => Connection::SignedOut {
                    because: Some(because.clone()),
                },
            };
            if matches!(ended, Ended::Removed | Ended::SignedOut { .. }) {
                state.runner = None;
                state.account = None;
                state.credentials = None;
            }
        });
    }

    async fn forget(&self) {
        if let Err(error) = self
            .credentials
            .delete(&runner_entry(self.installation()))
            .await
        {
            tracing::warn!(%error, "the runner's old tokens could not be removed");
        }
    }

    /// The coordinator says by which name it knows this runner.
    pub(crate) async fn named(&self, name: &str) {
        let mut tokens = self.tokens.lock().await;
        let Some(held) = tokens.as_mut() else { return };
        if held.registration.name == name {
            return;
        }
        name.clone_into(&mut held.registration.name);
        // Losing this costs nothing: every answer brings the name again.
        self.keep(&held.registration).await.ok();
        self.board.update(|state| {
            if let Some(runner) = &mut state.runner {
                name.clone_into(&mut runner.name);
            }
        });
    }
}
