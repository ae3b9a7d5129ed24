//! Every call of the API: who may make it, and what it is made with.
//!
//! A new route gets one line here; the test fails until it has one.

use serde_json::{Value, json};

use super::world::{Caller, Things};
use Caller::{Admin, Lead, Member, Owner, Viewer};
use Scope::{Jobs, Members, Nothing, Read, Runners};

/// Which tokens for scripts a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Read,
    Jobs,
    Runners,
    Members,
    /// None.
    Nothing,
}

/// Who may make a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum Access {
    /// Everybody, signed in or not.
    Anybody,
    /// Every person who is signed in; it concerns nobody else.
    SignedIn(Scope),
    /// The person to whom the thing belongs, here the owner of the workspace.
    Personal(Scope),
    /// Members in these parts; those of other workspaces do not find it.
    Workspace(&'static [Caller], Scope),
    /// The one whom an invitation is for.
    Invited,
    /// The runner to which the attempt belongs.
    Runner,
    /// A device that is about to register; nobody who takes part here.
    Device,
}

/// One call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) access: Access,
    /// What is sent along.
    pub(super) body: Sent,
    /// Statuses that say as well that the call was allowed.
    pub(super) also: &'static [u16],
    /// Whether making it changes nothing that others need.
    pub(super) harmless: bool,
    /// Whether the answer never ends.
    pub(super) endless: bool,
    /// Kinds of things of which another one than usual is named.
    pub(super) named: Option<(&'static str, &'static str)>,
}

/// What a call sends along.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sent {
    Nothing,
    Bytes,
    Json(fn(&Things) -> Value),
    Form(&'static [(&'static str, &'static str)]),
}

const fn row(method: &'static str, path: &'static str, access: Access) -> Row {
    Row {
        method,
        path,
        access,
        body: Sent::Nothing,
        also: &[],
        harmless: false,
        endless: false,
        named: None,
    }
}

const fn get(path: &'static str, access: Access) -> Row {
    row("GET", path, access)
}

const fn post(path: &'static str, access: Access) -> Row {
    row("POST", path, access).json(|_| json!({}))
}

impl Row {
    const fn json(self, body: fn(&Things) -> Value) -> Self {
        Self {
            body: Sent::Json(body),
            ..self
        }
    }

    const fn sends(self, body: Sent) -> Self {
        Self { body, ..self }
    }

    const fn also(self, also: &'static [u16]) -> Self {
        Self { also, ..self }
    }

    const fn harmless(self) -> Self {
        Self {
            harmless: true,
            ..self
        }
    }

    const fn endless(self) -> Self {
        Self {
            endless: true,
            ..self
        }
    }

    /// In this call, `kind` stands for another thing.
    const fn naming(self, kind: &'static str, thing: &'static str) -> Self {
        Self {
            named: Some((kind, thing)),
            ..self
        }
    }
}

const ALL: &[Caller] = &[Viewer, Member, Lead, Admin, Owner];
const WORKERS: &[Caller] = &[Member, Lead, Admin, Owner];
const LEADS: &[Caller] = &[Lead, Admin, Owner];
const ADMINS: &[Caller] = &[Admin, Owner];
/// Whose the runner is.
const ITS_OWNER: &[Caller] = &[Lead];

const fn all(scope: Scope) -> Access {
    Access::Workspace(ALL, scope)
}
const fn workers(scope: Scope) -> Access {
    Access::Workspace(WORKERS, scope)
}
const fn leads(scope: Scope) -> Access {
    Access::Workspace(LEADS, scope)
}
const fn admins(scope: Scope) -> Access {
    Access::Workspace(ADMINS, scope)
}
const fn owner(scope: Scope) -> Access {
    Access::Workspace(&[Owner], scope)
}
const fn its_owner(scope: Scope) -> Access {
    Access::Workspace(ITS_OWNER, scope)
}

/// Every call.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    // of the instance
    get("/healthz", Access::Anybody),
    get("/readyz", Access::Anybody),
    get("/metrics", Access::Anybody),
    get("/api/docs", Access::Anybody),
    get("/api/openapi.json", Access::Anybody),
    get("/api/v1/instance", Access::Anybody),
    get("/api/v1/downloads", Access::Anybody),
    get("/downloads/{name}", Access::Anybody),
    // signing in
    post("/api/v1/auth/sign-in", Access::Anybody).json(|_| json!({"email": "nobody@example.com", "password": "no password of anybody"})).harmless(),
    post("/api/v1/auth/sign-out", Access::Anybody),
    post("/api/v1/auth/sign-up", Access::Anybody).json(|_| json!({"email": "new@example.com", "name": "New", "password": "short"})).harmless(),
    post("/api/v1/auth/reset", Access::Anybody).json(|_| json!({"email": "nobody@example.com"})).harmless(),
    post("/api/v1/auth/reset/confirm", Access::Anybody).json(|_| json!({"token": "none", "password": "a password that is long"})).harmless(),
    get("/api/v1/auth/oidc/start", Access::Anybody),
    get("/auth/oidc/callback", Access::Anybody),
    post("/api/oauth/device_authorization", Access::Anybody).sends(Sent::Form(&[("client_id", "coord-cli"), ("machine", "m"), ("system", "s")])).harmless(),
    post("/api/oauth/token", Access::Anybody).sends(Sent::Form(&[("grant_type", "refresh_token"), ("refresh_token", "none"), ("client_id", "coord-cli")])).harmless(),
    get("/api/v1/device/{user_code}", Access::SignedIn(Nothing)),
    post("/api/v1/device/{user_code}", Access::SignedIn(Nothing)).json(|_| json!({"decision": "deny"})),
    get("/api/v1/me", Access::SignedIn(Read)),
    // one's own account
    get("/api/v1/account", Access::SignedIn(Nothing)),
    row("PATCH", "/api/v1/account", Access::SignedIn(Nothing)).json(|_| json!({"name": "Another"})),
    row("PUT", "/api/v1/account/password", Access::SignedIn(Nothing)).json(|_| json!({"current": super::world::PASSWORD, "new": "another long password"})),
    post("/api/v1/account/delete", Access::SignedIn(Nothing)).json(|_| json!({"email": "somebody@example.com", "password": super::world::PASSWORD})).also(&[400]),
    get("/api/v1/account/audit", Access::SignedIn(Nothing)),
    get("/api/v1/account/sessions", Access::SignedIn(Nothing)),
    row("DELETE", "/api/v1/account/sessions", Access::SignedIn(Nothing)),
    row("DELETE", "/api/v1/account/sessions/{id}", Access::Personal(Nothing)),
    get("/api/v1/account/devices", Access::SignedIn(Nothing)),
    row("DELETE", "/api/v1/account/devices/{id}", Access::Personal(Nothing)),
    get("/api/v1/account/tokens", Access::SignedIn(Nothing)),
    post("/api/v1/account/tokens", Access::SignedIn(Nothing)).json(|_| json!({"name": "t", "scopes": ["read"], "expires_in_days": 1})),
    row("DELETE", "/api/v1/account/tokens/{id}", Access::Personal(Nothing)),
    get("/api/v1/account/plan", Access::SignedIn(Read)),
    get("/api/v1/account/runners", Access::SignedIn(Read)),
    post("/api/v1/account/setup-tokens", Access::SignedIn(Nothing)),
    get("/api/v1/account/setup-tokens/{id}", Access::Personal(Nothing)),
    get("/api/v1/account/notification-settings", Access::SignedIn(Nothing)),
    row("PUT", "/api/v1/account/notification-settings", Access::SignedIn(Nothing)).json(|_| json!({"muted": ["job_done"]})),
    get("/api/v1/notifications", Access::SignedIn(Read)),
    post("/api/v1/notifications/read", Access::SignedIn(Nothing)).json(|_| json!({"ids": []})),
    // workspaces and who belongs to them
    post("/api/v1/workspaces", Access::SignedIn(Members)).json(|_| json!({"name": "Another"})),
    get("/api/v1/workspaces/{workspace}", all(Read)),
    row("PATCH", "/api/v1/workspaces/{workspace}", admins(Members)).json(|_| json!({"name": "Renamed"})),
    post("/api/v1/workspaces/{workspace}/delete", owner(Nothing)).json(|things| json!({"name": things.get("workspace name")})),
    post("/api/v1/workspaces/{workspace}/leave", all(Nothing)).also(&[409]),
    post("/api/v1/workspaces/{workspace}/transfer", owner(Nothing)).json(|things| json!({"account_id": things.get("account")})),
    get("/api/v1/workspaces/{workspace}/members", all(Read)),
    row("PUT", "/api/v1/workspaces/{workspace}/members/{account}", admins(Members)).json(|_| json!({"role": "viewer"})),
    row("DELETE", "/api/v1/workspaces/{workspace}/members/{account}", admins(Members)),
    post("/api/v1/workspaces/{workspace}/members/{account}/reset-link", admins(Nothing)),
    get("/api/v1/workspaces/{workspace}/invitations", admins(Read)),
    post("/api/v1/workspaces/{workspace}/invitations", admins(Members)).json(|_| json!({"email": "more@example.com", "role": "member"})),
    post("/api/v1/workspaces/{workspace}/invitations/{id}/resend", admins(Members)),
    row("DELETE", "/api/v1/workspaces/{workspace}/invitations/{id}", admins(Members)),
    get("/api/v1/invitations/{token}", Access::Anybody),
    post("/api/v1/invitations/{token}/accept", Access::Invited),
    get("/api/v1/workspaces/{workspace}/audit", admins(Read)),
    get("/api/v1/workspaces/{workspace}/audit.csv", admins(Read)),
    get("/api/v1/workspaces/{workspace}/audit.ndjson", admins(Read)),
    get("/api/v1/workspaces/{workspace}/live", all(Read)).endless(),
    // jobs
    get("/api/v1/workspaces/{workspace}/jobs", all(Read)),
    post("/api/v1/workspaces/{workspace}/jobs", workers(Jobs)).json(|_| json!({"title": "t", "instructions": "x"})),
    get("/api/v1/workspaces/{workspace}/jobs/{number}", all(Read)),
    get("/api/v1/workspaces/{workspace}/pending", all(Read)),
    post("/api/v1/workspaces/{workspace}/target-preview", all(Read)).json(|_| json!({"target": {"kind": "any"}})).harmless(),
    get("/api/v1/jobs/{id}", all(Read)),
    row("PATCH", "/api/v1/jobs/{id}", leads(Jobs)).json(|_| json!({"title": "Another"})).naming("jobs", "job in backlog"),
    get("/api/v1/jobs/{id}/runners", all(Read)).naming("jobs", "job in backlog"),
    row("PUT", "/api/v1/jobs/{id}/team/{account}", leads(Jobs)).json(|_| json!({"role": "editor"})).naming("jobs", "job in backlog"),
    row("DELETE", "/api/v1/jobs/{id}/team/{account}", leads(Jobs)).naming("jobs", "job in backlog").also(&[404]),
    post("/api/v1/jobs/{id}/ready", leads(Jobs)).naming("jobs", "job in backlog"),
    post("/api/v1/jobs/{id}/backlog", leads(Jobs)).naming("jobs", "job that is ready"),
    post("/api/v1/jobs/{id}/cancel", leads(Jobs)),
    post("/api/v1/jobs/{id}/retry", leads(Jobs)).json(|_| json!({})).naming("jobs", "job that is over"),
    row("PUT", "/api/v1/jobs/{id}/attachments/{name}", leads(Jobs)).sends(Sent::Bytes).naming("jobs", "job in backlog"),
    get("/api/v1/jobs/{id}/attempts/{number}/events", all(Read)),
    get("/api/v1/jobs/{id}/attempts/{number}/log", all(Read)),
    get("/api/v1/jobs/{id}/attempts/{number}/log.txt", all(Read)),
    get("/api/v1/jobs/{id}/attempts/{number}/log/search", all(Read)).also(&[400]),
    get("/api/v1/artifacts/{id}/content", all(Read)),
    post("/api/v1/approvals/{id}/answer", leads(Jobs)).json(|things| json!({"digest": things.get("approval digest"), "decision": "deny"})),
    post("/api/v1/questions/{id}/answer", leads(Jobs)).json(|things| json!({"digest": things.get("question digest"), "answers": [{"key": "colour", "values": ["red"]}]})),
    // runners
    get("/api/v1/runners/{runner}", all(Read)),
    row("PATCH", "/api/v1/runners/{runner}", its_owner(Runners)).json(|_| json!({"name": "another"})),
    row("DELETE", "/api/v1/runners/{runner}", its_owner(Runners)),
    post("/api/v1/runners/{runner}/pause", its_owner(Runners)),
    post("/api/v1/runners/{runner}/resume", its_owner(Runners)),
    get("/api/v1/workspaces/{workspace}/runners", all(Read)),
    get("/api/v1/workspaces/{workspace}/runners/resolve", all(Read)).naming("query", "runner name"),
    get("/api/v1/workspaces/{workspace}/runners/{runner}", all(Read)),
    get("/api/v1/workspaces/{workspace}/runners/{runner}/history", all(Read)),
    get("/api/v1/workspaces/{workspace}/runners/{runner}/timeline", all(Read)),
    get("/api/v1/workspaces/{workspace}/runners/{runner}/use", all(Read)),
    row("PUT", "/api/v1/workspaces/{workspace}/runners/{runner}/sharing", its_owner(Runners)).json(|_| json!({"sharing": "shared"})),
    post("/api/v1/workspaces/{workspace}/runners/{runner}/disable", admins(Runners)).json(|_| json!({"reason": "repair"})),
    post("/api/v1/workspaces/{workspace}/runners/{runner}/enable", admins(Runners)),
    // what runners say
    post("/api/runner/v1/register", Access::Device),
    post("/api/runner/v1/sign-out", Access::Runner),
    post("/api/runner/v1/sync", Access::Runner).json(Things::sync),
    post("/api/runner/v1/attempts/{id}/events", Access::Runner).json(Things::event),
    post("/api/runner/v1/attempts/{id}/log", Access::Runner).json(Things::log_entry),
    row("PUT", "/api/runner/v1/attempts/{id}/artifacts/parts/{sha256}", Access::Runner).sends(Sent::Bytes),
    post("/api/runner/v1/attempts/{id}/artifacts", Access::Runner).json(|things| json!({"fence": things.fence(), "files": []})),
    get("/api/runner/v1/attempts/{id}/inputs/{name}", Access::Runner),
];
