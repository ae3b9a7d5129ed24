//! Who makes a request: a person, a signed-in device, or a runner.

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION, request::Parts},
};
use protocol::{
    api::Surface,
    error::ErrorCode,
    ids::{AccountId, GrantId, RunnerId, WorkspaceId},
};
use store::{Account, Actor, Bearer, GrantKind, Member, WorkspaceKey};

use super::{Scopes, scopes, session, sha256_of};
use crate::{
    address::ClientAddress,
    app::App,
    error::{ApiError, ApiResult},
    rights::{self, Right},
};

/// How the secret of every token for scripts begins.
pub(crate) const API_TOKEN_PREFIX: &str = "cot_";

/// A person, by a browser's session, a command line's token or a token for scripts.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Who.
    pub(crate) account: Account,
    /// The browser's session; none for a command line or a script.
    pub(crate) session: Option<store::Session>,
    /// The grant of a command line.
    pub(crate) grant_id: Option<GrantId>,
    /// Where the person acts.
    pub(crate) surface: Surface,
    /// The network address from which the request comes.
    pub(crate) address: String,
    /// What a token for scripts is limited to; none for anything else.
    pub(crate) scopes: Option<Scopes>,
}

/// A signed-in device that acts for an account and is no registered runner.
#[derive(Debug, Clone)]
pub(crate) struct Device(pub(crate) Bearer);

/// A registered runner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunnerCaller {
    /// Which.
    pub(crate) runner_id: RunnerId,
    /// Whose.
    pub(crate) account_id: AccountId,
}

/// A person's place in a workspace.
#[derive(Debug, Clone)]
pub(crate) struct Membership(pub(crate) Member);

impl Membership {
    /// Refuses unless the person's role includes `right`.
    pub(crate) fn require(&self, right: Right) -> ApiResult<()> {
        rights::require(self.0.role, right)
    }
}

impl Person {
    /// The person as the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            person: Some(self.account.person()),
            surface: self.surface,
            address: Some(self.address.clone()),
        }
    }

    /// The person's place in a workspace, named by id or by slug.
    ///
    /// To somebody who does not belong to it, a workspace does not exist.
    pub(crate) async fn member_of(&self, app: &App, workspace: &str) -> ApiResult<Membership> {
        app.store
            .member(&WorkspaceKey::parse(workspace), self.account.id)
            .await?
            .filter(|member| self.reaches(member.workspace.id))
            .map(Membership)
            .ok_or_else(|| ApiError::not_found("workspace"))
    }

    /// Whether what the request carries is good for this workspace, if the account is.
    pub(crate) fn reaches(&self, workspace: WorkspaceId) -> bool {
        self.scopes
            .as_ref()
            .and_then(|scopes| scopes.workspace_id)
            .is_none_or(|only| only == workspace)
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let address = address.to_string();
        if let Some(token) = presented(&parts.headers)?
            && token.starts_with(API_TOKEN_PREFIX)
        {
            return script(app, parts, token, address).await;
        }
        if let Some(bearer) = bearer(app, &parts.headers).await? {
            return match bearer.grant.kind {
                GrantKind::CommandLine => Ok(Self {
                    account: bearer.account,
                    session: None,
                    grant_id: Some(bearer.grant.id),
                    surface: Surface::CommandLine,
                    address,
                    scopes: None,
                }),
                GrantKind::Runner => Err(ApiError::new(
                    ErrorCode::Forbidden,
                    "A runner's token cannot be used here.",
                )
                .hint("Sign in as a person, for instance with `coord login`.")),
            };
        }
        let session = session::current(app, &parts.headers)
            .await?
            .ok_or_else(ApiError::not_signed_in)?;
        Ok(Self {
            account: session.account.clone(),
            session: Some(session),
            grant_id: None,
            surface: Surface::Web,
            address,
            scopes: None,
        })
    }
}

impl FromRequestParts<App> for Device {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let bearer = bearer(app, &parts.headers)
            .await?
            .ok_or_else(ApiError::not_signed_in)?;
        if bearer.grant.runner_id.is_some() {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "A registered runner's token cannot register a runner.",
            )
            .hint("Sign in with the account first."));
        }
        Ok(Self(bearer))
    }
}

impl FromRequestParts<App> for RunnerCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let bearer = bearer(app, &parts.headers)
            .await?
            .ok_or_else(ApiError::not_signed_in)?;
        if bearer.runner_removed {
            return Err(ApiError::new(
                ErrorCode::RunnerRemoved,
                "This runner has been removed from its account.",
            )
            .hint("Sign it in again to register it anew.")
            .status(StatusCode::GONE));
        }
        let Some(runner_id) = bearer.grant.runner_id else {
            return Err(
                ApiError::new(ErrorCode::Forbidden, "This needs a runner's own token.")
                    .hint("Register the runner first."),
            );
        };
        Ok(Self {
            runner_id,
            account_id: bearer.account.id,
        })
    }
}

/// The person whose script calls, if its token is good for this call.
async fn script(app: &App, parts: &Parts, token: &str, address: String) -> ApiResult<Person> {
    let bearer = app
        .store
        .api_bearer(&sha256_of(token), app.now())
        .await?
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::NotSignedIn,
                "The token has ended or was taken back.",
            )
            .hint("Make a new one in the account's settings.")
        })?;
    let limits = Scopes {
        scopes: bearer.scopes,
        workspace_id: bearer.workspace_id,
    };
    let route = parts.extensions.get::<MatchedPath>();
    scopes::require(&limits, &parts.method, route.map(MatchedPath::as_str))?;
    Ok(Person {
        account: bearer.account,
        session: None,
        grant_id: None,
        surface: Surface::ApiToken,
        address,
        scopes: Some(limits),
    })
}

/// The token that the request carries, if it carries one.
fn presented(headers: &HeaderMap) -> ApiResult<Option<&str>> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Some(token.trim()))
        .ok_or_else(ApiError::not_signed_in)
}

/// Who stands behind the request's access token; none when it carries none.
pub(super) async fn bearer(app: &App, headers: &HeaderMap) -> ApiResult<Option<Bearer>> {
    let Some(token) = presented(headers)? else {
        return Ok(None);
    };
    let bearer = app.store.bearer(&sha256_of(token), app.now()).await?;
    bearer.map(Some).ok_or_else(|| {
        ApiError::new(
            ErrorCode::NotSignedIn,
            "The access token has ended or was taken back.",
        )
        .hint("Renew it, or sign in again.")
    })
}
