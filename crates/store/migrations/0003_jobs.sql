-- Jobs and their attempts.

CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    instructions TEXT NOT NULL,
    context TEXT NOT NULL,
    target TEXT NOT NULL,
    agent TEXT,
    state TEXT NOT NULL,
    -- That of the newest claim; it rises with each, and never otherwise.
    fence BIGINT NOT NULL DEFAULT 0,
    created_by TEXT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ready_at BIGINT,
    cancel_requested_at BIGINT,
    UNIQUE (workspace_id, number)
);

CREATE INDEX jobs_in_queue ON jobs (ready_at, id) WHERE state = 'ready';
CREATE INDEX jobs_by_state ON jobs (workspace_id, state, number);

CREATE TABLE attempts (
    id TEXT PRIMARY KEY NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    runner_id TEXT NOT NULL REFERENCES runners (id),
    -- Free again when the assignment goes back unconfirmed.
    number BIGINT,
    fence BIGINT NOT NULL,
    -- assigned, held, ended or withdrawn.
    stage TEXT NOT NULL,
    phase TEXT NOT NULL,
    assigned_at BIGINT NOT NULL,
    accept_by BIGINT NOT NULL,
    confirmed_at BIGINT,
    lease_ends_at BIGINT,
    cancel_by BIGINT,
    ended_at BIGINT,
    outcome TEXT,
    outcome_detail TEXT,
    agent TEXT,
    usage TEXT,
    events_last BIGINT NOT NULL DEFAULT 0,
    log_last BIGINT NOT NULL DEFAULT 0,
    -- matches or differs, once the log was compared with the outcome's checksum.
    log_check TEXT,
    UNIQUE (job_id, fence),
    UNIQUE (job_id, number)
);

CREATE INDEX attempts_under_way ON attempts (runner_id, stage)
    WHERE stage IN ('assigned', 'held');
CREATE INDEX attempts_by_accept ON attempts (accept_by) WHERE stage = 'assigned';
CREATE INDEX attempts_by_lease ON attempts (lease_ends_at) WHERE stage = 'held';
CREATE INDEX attempts_by_cancel ON attempts (cancel_by)
    WHERE stage = 'held' AND cancel_by IS NOT NULL;
CREATE INDEX attempts_unchecked ON attempts (ended_at)
    WHERE stage = 'ended' AND outcome_detail IS NOT NULL AND log_check IS NULL;
