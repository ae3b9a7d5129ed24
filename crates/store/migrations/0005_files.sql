-- Names and digests of files; their content stands in the object store.

CREATE TABLE attachments (
    id TEXT PRIMARY KEY NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (job_id, name)
);

-- Parts belong to their attempt: knowing a digest gives nobody the content of others.
CREATE TABLE parts (
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (attempt_id, sha256)
);

CREATE TABLE artifacts (
    id TEXT PRIMARY KEY NOT NULL,
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    path TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    parts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (attempt_id, path)
);

CREATE INDEX artifacts_by_job ON artifacts (job_id);
