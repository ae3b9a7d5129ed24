-- Machines registered under an account, as they last described themselves.

CREATE TABLE runners (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    installation_id TEXT NOT NULL,
    short_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    runner_version TEXT NOT NULL,
    machine_key TEXT NOT NULL,
    registered_at BIGINT NOT NULL,
    removed_at BIGINT,
    lifetime_attempts BIGINT NOT NULL DEFAULT 0,
    -- The newest sync: start of the service, and number within it.
    boot_number BIGINT,
    boot_id TEXT,
    seq BIGINT,
    last_sync_at BIGINT,
    slots_total BIGINT NOT NULL DEFAULT 0,
    slots_free BIGINT NOT NULL DEFAULT 0,
    capabilities_digest TEXT NOT NULL DEFAULT '',
    capabilities TEXT,
    paused TEXT,
    draining BOOLEAN NOT NULL DEFAULT FALSE,
    troubles TEXT NOT NULL DEFAULT '[]',
    UNIQUE (account_id, installation_id)
);

-- Since when coordinators have been up without a break; one row.
CREATE TABLE coordinator_alive (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    since BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
