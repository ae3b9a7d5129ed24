//! The configured provider, and what it says of itself.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use openidconnect::{
    AuthType, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    RedirectUrl,
    core::{CoreClient, CoreClientAuthMethod, CoreProviderMetadata},
};
use protocol::error::ErrorCode;
use tokio::{sync::Mutex, time::Instant};

use super::call;
use crate::{
    config::{ConfigError, OidcConfig, read_secret},
    error::{ApiError, ApiResult},
};

/// The address to which the provider sends browsers back.
const CALLBACK: &str = "/auth/oidc/callback";
/// How long what the provider says of itself is believed.
const KNOWN_FOR: Duration = Duration::from_mins(10);

/// A client that knows the provider's addresses.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The identity provider.
pub(crate) struct Provider {
    /// Whether somebody who has no account gets one by signing in there.
    pub(super) allow_sign_up: bool,
    /// Sends requests.
    pub(super) http: reqwest::Client,
    issuer: IssuerUrl,
    client_id: ClientId,
    secret: Option<ClientSecret>,
    callback: RedirectUrl,
    known: Mutex<Option<Known>>,
}

struct Known {
    metadata: Arc<CoreProviderMetadata>,
    since: Instant,
}

impl Provider {
    /// Reads what is needed to reach the provider; it is asked with the first sign-in.
    pub(crate) fn open(config: &OidcConfig, public_url: &str) -> Result<Self, ConfigError> {
        let refuse = |setting, reason: String| ConfigError::Setting { setting, reason };
        let issuer = IssuerUrl::new(config.issuer.clone())
            .map_err(|error| refuse("[oidc] issuer", format!("it is no address: {error}")))?;
        let host = issuer.url().host_str().unwrap_or_default();
        let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if issuer.url().scheme() != "https" && !is_here {
            return Err(refuse(
                "[oidc] issuer",
                "it has to begin with https://, since it says who people are".to_owned(),
            ));
        }
        let secret = match &config.client_secret_file {
            None => None,
            Some(path) => Some(ClientSecret::new(read_secret(
                "[oidc] client_secret_file",
                Some(path),
            )?)),
        };
        Ok(Self {
            allow_sign_up: config.allow_sign_up,
            http: call::client().map_err(|error| refuse("[oidc]", error.to_string()))?,
            issuer,
            client_id: ClientId::new(config.client_id.clone()),
            secret,
            callback: RedirectUrl::new(format!("{public_url}{CALLBACK}"))
                .map_err(|error| refuse("[oidc]", error.to_string()))?,
            known: Mutex::new(None),
        })
    }

    /// What the provider says of itself; asked anew after a while, or when `anew`.
    pub(super) async fn metadata(&self, anew: bool) -> ApiResult<Arc<CoreProviderMetadata>> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref()
            && !anew
            && known.since.elapsed() < KNOWN_FOR
        {
            return Ok(Arc::clone(&known.metadata));
        }
        let sender = call::sender(&self.http);
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &sender)
            .await
            .map_err(|error| failed("it could not be asked about itself", &error))?;
        let metadata = Arc::new(metadata);
        *known = Some(Known {
            metadata: Arc::clone(&metadata),
            since: Instant::now(),
        });
        Ok(metadata)
    }

    /// A client that speaks as the provider wants it.
    pub(super) fn client(&self, metadata: &CoreProviderMetadata) -> Client {
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            self.client_id.clone(),
            self.secret.clone(),
        )
        .set_redirect_uri(self.callback.clone());
        let takes_basic = metadata
            .token_endpoint_auth_methods_supported()
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        client.set_auth_type(if takes_basic {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        })
    }

    /// The provider's own name for itself.
    pub(super) fn issuer(&self) -> String {
        self.issuer.to_string()
    }
}

/// The refusal when the provider does not do its part; the cause goes into the log.
pub(super) fn failed(what: &str, error: &(dyn StdError + 'static)) -> ApiError {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        chain.push_str(": ");
        chain.push_str(&inner.to_string());
        source = inner.source();
    }
    tracing::warn!(what, error = %chain, "the identity provider failed");
    ApiError::new(
        ErrorCode::ProviderFailed,
        format!("The identity provider did not do its part: {what}."),
    )
    .hint("Try again in a moment. If it stays, the operator finds the cause in the server's log.")
}
