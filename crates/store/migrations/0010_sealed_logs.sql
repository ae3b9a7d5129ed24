-- Logs of ended attempts are moved into the object store, piece by piece.

-- Number of the last entry that stands in a piece; those after it are rows.
ALTER TABLE attempts ADD COLUMN log_sealed BIGINT NOT NULL DEFAULT 0;

CREATE INDEX attempts_to_seal ON attempts (id)
    WHERE stage IN ('ended', 'withdrawn') AND log_last > log_sealed;

CREATE TABLE sealed_logs (
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    first_n BIGINT NOT NULL,
    last_n BIGINT NOT NULL,
    -- Over the lines of the piece, as of a whole log.
    sha256 TEXT NOT NULL,
    sealed_at BIGINT NOT NULL,
    -- Whether the rows of its entries may still be there, to be deleted.
    rows_left BOOLEAN NOT NULL,
    PRIMARY KEY (attempt_id, first_n)
);

CREATE INDEX sealed_logs_with_rows ON sealed_logs (attempt_id) WHERE rows_left;
