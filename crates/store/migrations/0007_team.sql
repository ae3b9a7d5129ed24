-- What a team is told and what it can look up: audit log, invitations, notifications.

-- When the workspace was deleted; what is left of it is erased piece by piece.
ALTER TABLE workspaces ADD COLUMN deleted_at BIGINT;

-- Lines are added and never changed. They outlive what they speak of, so they keep
-- the names that it had and refer to nothing.
CREATE TABLE audit (
    id TEXT PRIMARY KEY NOT NULL,
    -- In whose log the line stands: that of a workspace or that of an account.
    workspace_id TEXT,
    account_id TEXT,
    at BIGINT NOT NULL,
    actor_id TEXT,
    actor_name TEXT,
    actor_email TEXT,
    surface TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL
);

CREATE INDEX audit_by_workspace ON audit (workspace_id, id) WHERE workspace_id IS NOT NULL;
CREATE INDEX audit_by_account ON audit (account_id, id) WHERE account_id IS NOT NULL;

CREATE TABLE invitations (
    id TEXT PRIMARY KEY NOT NULL,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    invited_by TEXT NOT NULL REFERENCES accounts (id),
    -- When it was made, or last sent again.
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at BIGINT
);

CREATE INDEX invitations_by_workspace ON invitations (workspace_id, id);
CREATE UNIQUE INDEX one_open_invitation_an_address ON invitations (workspace_id, email)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE notifications (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    -- What it is about; being told once of the same thing is enough.
    about TEXT NOT NULL,
    text TEXT NOT NULL,
    workspace_id TEXT REFERENCES workspaces (id),
    job_id TEXT REFERENCES jobs (id),
    runner_id TEXT REFERENCES runners (id),
    created_at BIGINT NOT NULL,
    read_at BIGINT,
    -- When it was made or read, for telling open pages.
    changed_at BIGINT NOT NULL,
    UNIQUE (account_id, kind, about)
);

CREATE INDEX notifications_by_account ON notifications (account_id, id);
CREATE INDEX notifications_unread ON notifications (about) WHERE read_at IS NULL;
CREATE INDEX notifications_by_change ON notifications (changed_at);
CREATE INDEX notifications_by_job ON notifications (job_id) WHERE job_id IS NOT NULL;

CREATE TABLE notification_settings (
    account_id TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id),
    muted TEXT NOT NULL
);
