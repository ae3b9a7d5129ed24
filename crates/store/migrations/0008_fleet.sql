-- What a workspace makes of a runner, what is asked of it from afar, what happened
-- to it, and how a machine without a screen is signed in.

-- A missing row means private and enabled.
CREATE TABLE runner_places (
    runner_id TEXT NOT NULL REFERENCES runners (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    -- private or shared.
    sharing TEXT NOT NULL DEFAULT 'private',
    disabled_by TEXT REFERENCES accounts (id),
    disabled_at BIGINT,
    disabled_reason TEXT,
    PRIMARY KEY (runner_id, workspace_id)
);

CREATE INDEX runner_places_by_workspace ON runner_places (workspace_id);

-- What its owner allows others to do with it, as it last said.
ALTER TABLE runners ADD COLUMN shared_use TEXT;
-- The newest wish for a pause, and the newest that the runner has carried out.
ALTER TABLE runners ADD COLUMN pause_wish TEXT;
ALTER TABLE runners ADD COLUMN pause_wished BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runners ADD COLUMN pause_revision BIGINT NOT NULL DEFAULT 0;

-- Assignments that runners did not take, so that they are not offered again at once.
CREATE TABLE runner_refusals (
    runner_id TEXT NOT NULL REFERENCES runners (id),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    refusal TEXT NOT NULL,
    refused_at BIGINT NOT NULL,
    PRIMARY KEY (runner_id, job_id)
);

CREATE INDEX runner_refusals_by_job ON runner_refusals (job_id);

CREATE TABLE runner_moments (
    id TEXT PRIMARY KEY NOT NULL,
    runner_id TEXT NOT NULL REFERENCES runners (id),
    -- Only there; none when it concerns the machine everywhere.
    workspace_id TEXT REFERENCES workspaces (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX runner_moments_by_runner ON runner_moments (runner_id, at);
CREATE INDEX runner_moments_by_age ON runner_moments (at);

CREATE INDEX attempts_by_runner ON attempts (runner_id, workspace_id, id);

CREATE TABLE setup_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    -- What it signed in: the device at first, its runner once that has registered.
    grant_id TEXT REFERENCES grants (id),
    runner_id TEXT REFERENCES runners (id)
);

CREATE INDEX setup_tokens_by_end ON setup_tokens (expires_at);
CREATE INDEX setup_tokens_by_grant ON setup_tokens (grant_id);
