//! Making an account, its password, and where it is signed in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{account::PersonRef, device::ClientKind, plan::PlanUse, runner::RunnerRef},
    ids::{GrantId, SessionId},
    time::Timestamp,
};

/// `POST /api/v1/auth/sign-up`: makes an account and signs it in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignUpRequest {
    /// The e-mail address; that of the invitation, where there is one.
    pub email: String,
    /// The name that others see.
    pub name: String,
    /// The password.
    #[schema(format = Password)]
    pub password: String,
    /// The invitation's token; needed unless sign-up is open. It is accepted at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

impl std::fmt::Debug for SignUpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignUpRequest")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// `PUT /api/v1/account/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordChange {
    /// The present password; left out by somebody who has none and has just signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub current: Option<String>,
    /// The new one. All other browsers are signed out.
    #[schema(format = Password)]
    pub new: String,
}

impl std::fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordChange")
    }
}

/// `POST /api/v1/auth/reset`: asks for a link by mail; the answer never says whether the account exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResetRequest {
    /// The e-mail address.
    pub email: String,
}

/// `POST /api/v1/auth/reset/confirm`: sets a new password with the token of a link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResetConfirm {
    /// The link's token.
    pub token: String,
    /// The new password. All browsers are signed out.
    #[schema(format = Password)]
    pub password: String,
}

impl std::fmt::Debug for ResetConfirm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResetConfirm")
    }
}

/// A link that an admin hands over, where no mail is configured.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResetLink {
    /// The whole address.
    pub url: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for ResetLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResetLink")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/account`: the account of the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// Who.
    pub account: PersonRef,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it can sign in with a password.
    pub has_password: bool,
    /// Whether it is linked with the identity provider.
    pub identity_linked: bool,
    /// What its plan allows, and how much of it is used.
    pub plan: PlanUse,
}

/// `PATCH /api/v1/account`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountUpdate {
    /// The name that others see.
    pub name: String,
}

/// `POST /api/v1/account/delete`: ends the account for good.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountDelete {
    /// The account's own e-mail address, typed again.
    pub email: String,
    /// The password, where the account has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub password: Option<String>,
}

impl std::fmt::Debug for AccountDelete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountDelete")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// A browser in which the account is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    /// Which.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    /// The browser and system, as far as they say.
    pub browser: String,
    /// The network address from which it signed in.
    pub address: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
}

/// The browsers of an account, last used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionList {
    /// The browsers.
    pub sessions: Vec<SessionView>,
}

/// A device that is signed in for the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceView {
    /// Which.
    pub id: GrantId,
    /// What it is.
    pub client: ClientKind,
    /// The machine's name, as it said.
    pub machine: String,
    /// The machine's system, as it said.
    pub system: String,
    /// The runner, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<RunnerRef>,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last heard of, to the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// The devices of an account, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceList {
    /// The devices.
    pub devices: Vec<DeviceView>,
}
