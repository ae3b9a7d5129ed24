-- The two streams of an attempt, as they came, and what follows from them.

CREATE TABLE events (
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    n BIGINT NOT NULL,
    body TEXT NOT NULL,
    late BOOLEAN NOT NULL,
    kept_at BIGINT NOT NULL,
    PRIMARY KEY (attempt_id, n)
);

CREATE TABLE log_entries (
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    n BIGINT NOT NULL,
    body TEXT NOT NULL,
    late BOOLEAN NOT NULL,
    PRIMARY KEY (attempt_id, n)
);

CREATE TABLE approvals (
    id TEXT PRIMARY KEY NOT NULL,
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    event_n BIGINT NOT NULL,
    digest TEXT NOT NULL,
    approval TEXT NOT NULL,
    -- waiting, settled or withdrawn.
    state TEXT NOT NULL,
    decision TEXT,
    settled_by TEXT,
    settled_at BIGINT
);

CREATE INDEX approvals_by_job ON approvals (job_id);
CREATE INDEX approvals_waiting ON approvals (workspace_id, id) WHERE state = 'waiting';

-- At most one answer from afar for each; the runner decides whether it counts.
CREATE TABLE approval_answers (
    approval_id TEXT PRIMARY KEY NOT NULL REFERENCES approvals (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    answer TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    answered_at BIGINT NOT NULL
);

CREATE TABLE questions (
    id TEXT PRIMARY KEY NOT NULL,
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    event_n BIGINT NOT NULL,
    digest TEXT NOT NULL,
    question TEXT NOT NULL,
    state TEXT NOT NULL,
    answers TEXT,
    settled_by TEXT,
    settled_at BIGINT
);

CREATE INDEX questions_by_job ON questions (job_id);
CREATE INDEX questions_waiting ON questions (workspace_id, id) WHERE state = 'waiting';

CREATE TABLE question_answers (
    question_id TEXT PRIMARY KEY NOT NULL REFERENCES questions (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    answer TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    answered_at BIGINT NOT NULL
);

-- What a runner is asked to do; open until its effect is in the record.
CREATE TABLE orders (
    id TEXT PRIMARY KEY NOT NULL,
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    runner_id TEXT NOT NULL REFERENCES runners (id),
    -- The approval or question that it answers, or the attempt that it cancels.
    about TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT
);

CREATE INDEX orders_open ON orders (runner_id, id) WHERE done_at IS NULL;
