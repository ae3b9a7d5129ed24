-- Accounts, where they belong, and how they are signed in.
-- Ids are UUIDs in text form, moments are milliseconds since the Unix epoch,
-- documents are JSON in text form; both engines keep them alike.

CREATE TABLE accounts (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE workspaces (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_job_number BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE members (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, account_id)
);

CREATE INDEX members_by_account ON members (account_id);
CREATE UNIQUE INDEX one_owner_a_workspace ON members (workspace_id) WHERE role = 'owner';

-- One row for the whole instance: two first owners cannot both be made.
CREATE TABLE instance (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    first_owner_id TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE grants (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    runner_id TEXT,
    machine TEXT NOT NULL,
    system TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- The newest pair of tokens that has been used, 0 before any was.
    generation BIGINT NOT NULL,
    -- Whether the pair after it was handed out and not used yet.
    pair_pending BOOLEAN NOT NULL
);

CREATE INDEX grants_by_account ON grants (account_id);
CREATE INDEX grants_by_runner ON grants (runner_id);

CREATE TABLE tokens (
    hash TEXT PRIMARY KEY NOT NULL,
    grant_id TEXT NOT NULL REFERENCES grants (id),
    kind TEXT NOT NULL,
    generation BIGINT NOT NULL,
    -- Another pair of the same generation has taken the place of this one's.
    replaced BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX tokens_by_grant ON tokens (grant_id, generation);
CREATE INDEX tokens_by_end ON tokens (expires_at);

CREATE TABLE device_codes (
    device_hash TEXT PRIMARY KEY NOT NULL,
    user_code TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    machine TEXT NOT NULL,
    system TEXT NOT NULL,
    address TEXT NOT NULL,
    interval_s BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    polled_at BIGINT,
    state TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id)
);

CREATE INDEX device_codes_by_end ON device_codes (expires_at);
