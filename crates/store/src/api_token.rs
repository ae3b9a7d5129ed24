//! Tokens for scripts, kept as hashes.

use protocol::{
    api::{ApiTokenView, TokenScope, WorkspaceRef},
    ids::{AccountId, ApiTokenId, WorkspaceId},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    Account, Audit, Result, Store, audit,
    engine::{Row, Value, sql},
};

/// How exactly it is noted that a token is in use, in milliseconds.
const USED_EVERY_MS: u64 = 60 * 60 * 1000;
/// Most tokens of an account.
const TOKENS_MAX: u64 = 100;

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiToken {
    /// SHA-256 of its secret, in hexadecimal.
    pub token_hash: String,
    /// Whose.
    pub account_id: AccountId,
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<TokenScope>,
    /// The only workspace that it reaches.
    pub workspace: Option<WorkspaceRef>,
    /// The secret's first characters.
    pub prefix: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Who stands behind a token for scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiBearer {
    /// The token.
    pub id: ApiTokenId,
    /// Whose.
    pub account: Account,
    /// What it may be used for.
    pub scopes: Vec<TokenScope>,
    /// The only workspace that it reaches.
    pub workspace_id: Option<WorkspaceId>,
}

impl Store {
    /// Keeps a token; none when the account has as many as it may have.
    pub async fn create_api_token(
        &self,
        new: NewApiToken,
        line: Audit,
        now: Timestamp,
    ) -> Result<Option<ApiTokenView>> {
        self.write((new, line, now), |tx, (new, line, now)| {
            Box::pin(async move {
                let kept = tx
                    .one(sql!(
                        "SELECT COUNT(*) AS kept FROM api_tokens WHERE account_id = $1",
                        new.account_id
                    ))
                    .await?;
                if kept.map_or(Ok(0), |row| row.count("kept"))? >= TOKENS_MAX {
                    return Ok(None);
                }
                let id = ApiTokenId(Uuid::now_v7());
                tx.run(sql!(
                    "INSERT INTO api_tokens
                     (id, token_hash, account_id, name, scopes, workspace_id, prefix, created_at,
                      expires_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    id,
                    &new.token_hash,
                    new.account_id,
                    &new.name,
                    Value::json(&new.scopes),
                    new.workspace.as_ref().map(|workspace| workspace.id),
                    &new.prefix,
                    *now,
                    new.expires_at
                ))
                .await?;
                audit::write(tx, line, *now).await?;
                Ok(Some(ApiTokenView {
                    id,
                    name: new.name.clone(),
                    scopes: new.scopes.clone(),
                    workspace: new.workspace.clone(),
                    prefix: new.prefix.clone(),
                    created_at: *now,
                    expires_at: new.expires_at,
                    last_used_at: None,
                }))
            })
        })
        .await
    }

    /// The tokens of an account, newest first; those that ended are among them for a while.
    pub async fn api_tokens_of(&self, account_id: AccountId) -> Result<Vec<ApiTokenView>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT t.*, w.slug AS workspace_slug, w.name AS workspace_name
                 FROM api_tokens t LEFT JOIN workspaces w ON w.id = t.workspace_id
                 WHERE t.account_id = $1 ORDER BY t.id DESC",
                account_id
            ))
            .await?;
        rows.iter().map(view).collect()
    }

    /// Ends a token of an account; false when it has no such one.
    pub async fn revoke_api_token(
        &self,
        account_id: AccountId,
        id: ApiTokenId,
        line: Audit,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(
            (account_id, id, line, now),
            |tx, (account_id, id, line, now)| {
                Box::pin(async move {
                    let ended = tx
                        .run(sql!(
                            "DELETE FROM api_tokens WHERE id = $1 AND account_id = $2",
                            *id,
                            *account_id
                        ))
                        .await?;
                    if ended == 0 {
                        return Ok(false);
                    }
                    audit::write(tx, line, *now).await?;
                    Ok(true)
                })
            },
        )
        .await
    }

    /// Who stands behind a token, unless it has ended.
    pub async fn api_bearer(&self, token_hash: &str, now: Timestamp) -> Result<Option<ApiBearer>> {
        let mut conn = self.reader().await?;
        let Some(row) = conn
            .one(sql!(
                "SELECT t.id, t.scopes, t.workspace_id, t.last_used_at,
                        a.id AS account_id, a.name AS account_name, a.email AS account_email,
                        a.password_hash AS account_password_hash,
                        a.created_at AS account_created_at
                 FROM api_tokens t JOIN accounts a ON a.id = t.account_id
                 WHERE t.token_hash = $1 AND t.expires_at > $2 AND a.deleted_at IS NULL",
                token_hash,
                now
            ))
            .await?
        else {
            return Ok(None);
        };
        let bearer = ApiBearer {
            id: row.parsed("id")?,
            account: Account::read_joined(&row)?,
            scopes: row.json("scopes")?,
            workspace_id: row.parsed_option("workspace_id")?,
        };
        // Whoever waits for a write keeps nobody from reading.
        drop(conn);
        let noted = row.time_option("last_used_at")?;
        if noted.is_none_or(|at| now.millis_since(at) >= USED_EVERY_MS) {
            self.api_token_used(bearer.id, now).await?;
        }
        Ok(Some(bearer))
    }

    async fn api_token_used(&self, id: ApiTokenId, now: Timestamp) -> Result<()> {
        self.write((id, now), |tx, (id, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1",
                    *id,
                    *now
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Removes tokens that ended before `before`; says how many.
    pub async fn sweep_api_tokens(&self, before: Timestamp) -> Result<u64> {
        self.write(before, |tx, before| {
            Box::pin(tx.run(sql!(
                "DELETE FROM api_tokens WHERE expires_at <= $1",
                *before
            )))
        })
        .await
    }
}

fn view(row: &Row) -> Result<ApiTokenView> {
    let workspace = row
        .parsed_option::<WorkspaceId>("workspace_id")?
        .map(|id| {
            Ok::<_, crate::Error>(WorkspaceRef {
                id,
                // A workspace that is gone has no name any more; the token reaches nothing.
                slug: row.text_option("workspace_slug")?.unwrap_or_default(),
                name: row.text_option("workspace_name")?.unwrap_or_default(),
            })
        })
        .transpose()?;
    Ok(ApiTokenView {
        id: row.parsed("id")?,
        name: row.text("name")?,
        scopes: row.json("scopes")?,
        workspace,
        prefix: row.text("prefix")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        last_used_at: row.time_option("last_used_at")?,
    })
}
