//! Device authorization (RFC 8628) and tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids::RequestId, time::Timestamp};

/// What asks to be signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// The runner, with or without a window.
    Runner,
    /// The command line.
    CommandLine,
}

/// `POST /api/oauth/device_authorization`, as a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceAuthorizationRequest {
    /// `coord-runner` or `coord-cli`.
    pub client_id: String,
    /// The machine's name.
    pub machine: String,
    /// The machine's system, in words.
    pub system: String,
}

/// Its answer (RFC 8628 §3.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceAuthorization {
    /// The device's secret for asking whether it was confirmed.
    pub device_code: String,
    /// What the person compares or types: eight characters with a hyphen in the middle.
    pub user_code: String,
    /// Where the person confirms.
    pub verification_uri: String,
    /// The same, with the code filled in.
    pub verification_uri_complete: String,
    /// Life of both codes, in seconds.
    pub expires_in: u64,
    /// Least time between two questions, in seconds.
    pub interval: u64,
}

impl std::fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceAuthorization")
            .field("user_code", &self.user_code)
            .field("verification_uri", &self.verification_uri)
            .finish_non_exhaustive()
    }
}

/// `POST /api/oauth/token`, as a form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "grant_type")]
pub enum TokenRequest {
    /// Asks whether the person has confirmed.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode {
        /// The device's secret.
        device_code: String,
        /// As in the first call.
        client_id: String,
    },
    /// Trades a refresh token for a new set.
    #[serde(rename = "refresh_token")]
    RefreshToken {
        /// The newest refresh token.
        refresh_token: String,
        /// New with each try. A network that delivers the same request twice then signs nobody
        /// out: the second one gets no tokens. Without it, a second one counts as theft once the
        /// tokens that the first one got are used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<RequestId>,
    },
    /// Trades a one-time token that a person made, for a runner without a screen.
    #[serde(rename = "urn:coord:params:oauth:grant-type:setup-token")]
    SetupToken {
        /// The token's secret.
        setup_token: String,
        /// The machine's name.
        #[serde(default)]
        machine: String,
        /// The machine's system.
        #[serde(default)]
        system: String,
    },
}

/// What a person sees before confirming a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceFacts {
    /// The code, as it stands on the device.
    pub user_code: String,
    /// What asks.
    pub client: ClientKind,
    /// The machine's name, as it says.
    pub machine: String,
    /// The machine's system, as it says.
    pub system: String,
    /// The network address from which it asked.
    pub address: String,
    /// When it asked.
    pub asked_at: Timestamp,
    /// When the code ends.
    pub expires_at: Timestamp,
    /// Whether confirming needs the password again, since the sign-in is not fresh.
    pub password_needed: bool,
}

/// What the person decides about a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceDecision {
    /// It is mine: sign it in.
    Confirm,
    /// It is not: refuse it.
    Deny,
}

/// Confirms or refuses a device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceConfirmRequest {
    /// What is decided.
    pub decision: DeviceDecision,
    /// The password, where [`DeviceFacts::password_needed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub password: Option<String>,
}

impl std::fmt::Debug for DeviceConfirmRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceConfirmRequest")
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}
