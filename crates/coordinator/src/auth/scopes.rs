//! What tokens for scripts are good for: the one table from call to scope.
//!
//! A call that does not stand in the table takes no such token, and a test fails
//! until it does.

mod table;

use axum::http::Method;
use protocol::{api::TokenScope, error::ErrorCode, ids::WorkspaceId};

use self::table::TABLE;
use crate::error::{ApiError, ApiResult};

/// What a token for scripts is limited to; never more than its account may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scopes {
    /// What it may be used for.
    pub(crate) scopes: Vec<TokenScope>,
    /// The only workspace that it reaches, where it has one.
    pub(crate) workspace_id: Option<WorkspaceId>,
}

/// Which tokens for scripts a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// The call is for anybody, and looks at no token.
    Anybody,
    /// None: it takes a person.
    People,
    /// Those with the scope; the call asks for a place in a workspace, or leaves out
    /// what the token does not reach.
    InWorkspace(TokenScope),
    /// Those with the scope that reach every workspace of the account.
    Everywhere(TokenScope),
}

/// Refuses unless a token that is limited so is good for the call.
pub(super) fn require(scopes: &Scopes, method: &Method, route: Option<&str>) -> ApiResult<()> {
    let takes = route.and_then(|route| takes(method.as_str(), route));
    let (scope, everywhere) = match takes {
        Some(Takes::InWorkspace(scope)) => (scope, false),
        Some(Takes::Everywhere(scope)) => (scope, true),
        Some(Takes::Anybody | Takes::People) | None => {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "A token for scripts cannot be used for this.",
            )
            .hint("Do it in the web app, or sign in with `coord login`."));
        }
    };
    if !scopes.scopes.contains(&scope) {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            format!("The token does not have the scope `{}`.", word(scope)),
        )
        .hint("Make a token that has it."));
    }
    if everywhere && scopes.workspace_id.is_some() {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "The token reaches one workspace only, and this concerns more than that.",
        )
        .hint("Make a token without a workspace."));
    }
    Ok(())
}

/// What the table says of a call, if it stands there.
fn takes(method: &str, route: &str) -> Option<Takes> {
    let method = if method == "HEAD" { "GET" } else { method };
    TABLE
        .iter()
        .find(|(known, path, _)| *known == method && is_same_route(path, route))
        .map(|(_, _, takes)| *takes)
}

/// Compares routes; what stands between braces is only a name.
fn is_same_route(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.split('/'), right.split('/'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(left), Some(right)) => {
                let both_names = left.starts_with('{') && right.starts_with('{');
                if !both_names && left != right {
                    return false;
                }
            }
            (Some(_), None) | (None, Some(_)) => return false,
        }
    }
}

const fn word(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Read => "read",
        TokenScope::Jobs => "jobs",
        TokenScope::Runners => "runners",
        TokenScope::Members => "members",
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// Every call of the API, as method and route.
    fn calls() -> Vec<(String, String)> {
        let text = crate::api::openapi().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut calls = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                calls.push((method.to_uppercase(), path.clone()));
            }
        }
        calls
    }

    #[test]
    fn every_call_stands_in_the_table_once() {
        let calls: Vec<_> = calls()
            .into_iter()
            .filter(|(_, path)| path.starts_with("/api/v1/"))
            .collect();
        assert!(calls.len() > 20);
        for (method, path) in &calls {
            let entries = TABLE
                .iter()
                .filter(|(known, route, _)| known == method && is_same_route(route, path))
                .count();
            assert_eq!(
                entries, 1,
                "say in auth/scopes/table.rs which tokens {method} {path} takes"
            );
        }
    }

    #[test]
    fn reading_is_never_more_than_reading() {
        for (method, path, takes) in TABLE {
            if let Takes::InWorkspace(TokenScope::Read) | Takes::Everywhere(TokenScope::Read) =
                takes
            {
                // The preview answers a question whose words need a body.
                let asks = path.ends_with("/target-preview");
                assert!(*method == "GET" || asks, "{method} {path}");
            }
        }
    }

    #[test]
    fn a_token_is_good_for_its_scopes_and_nothing_else() {
        let scopes = |scopes: &[TokenScope], workspace: bool| Scopes {
            scopes: scopes.to_vec(),
            workspace_id: workspace.then(|| WorkspaceId(Uuid::nil())),
        };
        let read = scopes(&[TokenScope::Read], false);
        let may = |scopes: &Scopes, method: Method, route: &str| {
            require(scopes, &method, Some(route)).is_ok()
        };
        assert!(may(&read, Method::GET, "/api/v1/jobs/{id}"));
        assert!(may(&read, Method::HEAD, "/api/v1/jobs/{job_id}"));
        assert!(!may(&read, Method::POST, "/api/v1/jobs/{id}/cancel"));
        let all = [
            TokenScope::Read,
            TokenScope::Jobs,
            TokenScope::Runners,
            TokenScope::Members,
        ];
        let (every, one) = (scopes(&all, false), scopes(&all, true));
        assert!(!may(&every, Method::POST, "/api/v1/account/tokens"));
        assert!(!may(&every, Method::GET, "/api/v1/something/new"));
        assert!(require(&every, &Method::GET, None).is_err());
        assert!(may(&every, Method::DELETE, "/api/v1/runners/{runner}"));
        assert!(!may(&one, Method::DELETE, "/api/v1/runners/{runner}"));
        assert!(may(&one, Method::POST, "/api/v1/jobs/{id}/cancel"));
    }
}
