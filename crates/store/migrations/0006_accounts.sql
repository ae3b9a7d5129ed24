-- Accounts that people make, change and end themselves; an empty password_hash
-- stands for an account without a password.

ALTER TABLE accounts ADD COLUMN deleted_at BIGINT;
-- Since when it is shown that the e-mail address is the account's own.
ALTER TABLE accounts ADD COLUMN email_verified_at BIGINT;

-- Whoever exists by now was made by the operator.
UPDATE accounts SET email_verified_at = created_at;

ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';

CREATE INDEX sessions_by_account ON sessions (account_id);

-- When the device was last heard of, to the hour.
ALTER TABLE grants ADD COLUMN last_used_at BIGINT;

CREATE TABLE reset_links (
    token_hash TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    -- Whether it went to the account's e-mail address, so that using it shows whose that is.
    mailed BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX reset_links_by_account ON reset_links (account_id);
CREATE INDEX reset_links_by_end ON reset_links (expires_at);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- The only workspace that it reaches; no reference, since it may outlive the workspace.
    workspace_id TEXT,
    prefix TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT
);

CREATE INDEX api_tokens_by_account ON api_tokens (account_id, id);
CREATE INDEX api_tokens_by_end ON api_tokens (expires_at);

-- Who an account is for an identity provider.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identities_by_account ON identities (account_id);

-- Sign-ins that are under way at an identity provider, by the browser's own secret.
CREATE TABLE provider_sign_ins (
    browser_hash TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    nonce TEXT NOT NULL,
    pkce_verifier TEXT NOT NULL,
    next TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX provider_sign_ins_by_end ON provider_sign_ins (expires_at);
