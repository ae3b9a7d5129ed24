-- One more attempt at what was over, and what was said to the one before.

-- The fence of the newest claim when a person last wanted one more attempt.
ALTER TABLE jobs ADD COLUMN retried_at_fence BIGINT NOT NULL DEFAULT 0;

-- What people said to it when they wanted one more.
ALTER TABLE attempts ADD COLUMN feedback TEXT;
