//! `[oidc]`: the OpenID Connect provider with which people can sign in.

use std::path::PathBuf;

use serde::Deserialize;

/// The identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcConfig {
    /// Its address; what stands under `/.well-known/openid-configuration` there says the rest.
    pub(crate) issuer: String,
    /// What this coordinator is called there.
    pub(crate) client_id: String,
    /// The file that holds the secret that goes with it; none for a public client.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Its name on the button.
    #[serde(default = "usual_name")]
    pub(crate) name: String,
    /// Whether somebody who has no account gets one by signing in there.
    #[serde(default)]
    pub(crate) allow_sign_up: bool,
}

fn usual_name() -> String {
    "single sign-on".to_owned()
}
