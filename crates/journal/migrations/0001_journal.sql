-- One row: who this installation is, and what its owner wants of it.
CREATE TABLE installation (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    installation_id TEXT    NOT NULL,
    boot_number     INTEGER NOT NULL DEFAULT 0,
    registration    TEXT,
    pause           TEXT
);

-- Attempts that this runner holds; a row goes when the attempt has ended.
CREATE TABLE held_attempt (
    attempt_id     TEXT    PRIMARY KEY,
    fence          INTEGER NOT NULL,
    assignment     TEXT    NOT NULL,
    phase          TEXT    NOT NULL,
    stopped        TEXT,
    accepted_at    INTEGER NOT NULL,
    agent          TEXT,
    folder         TEXT,
    worker_pid     INTEGER,
    worker_started INTEGER,
    worker_socket  TEXT,
    events_acked   INTEGER NOT NULL DEFAULT 0,
    log_acked      INTEGER NOT NULL DEFAULT 0,
    manifest_done  INTEGER NOT NULL DEFAULT 0
);

-- Orders of the coordinator; kept until their effect is in the attempt's record.
CREATE TABLE kept_order (
    order_id   TEXT    PRIMARY KEY,
    attempt_id TEXT    NOT NULL REFERENCES held_attempt (attempt_id) ON DELETE CASCADE,
    content    TEXT    NOT NULL,
    done       INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX kept_order_attempt ON kept_order (attempt_id);

-- Parts of artifacts that the coordinator has stored.
CREATE TABLE uploaded_part (
    attempt_id TEXT NOT NULL REFERENCES held_attempt (attempt_id) ON DELETE CASCADE,
    sha256     TEXT NOT NULL,
    PRIMARY KEY (attempt_id, sha256)
) WITHOUT ROWID;

-- Attempts that ended here.
CREATE TABLE ended_attempt (
    attempt_id TEXT    PRIMARY KEY,
    ended_at   INTEGER NOT NULL,
    content    TEXT    NOT NULL
);
CREATE INDEX ended_attempt_newest ON ended_attempt (ended_at DESC, attempt_id DESC);

PRAGMA user_version = 1;
