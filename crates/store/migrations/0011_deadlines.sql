-- How long work on a job may take, whatever its runner says.

-- Of each attempt from its assignment on, in milliseconds; by the settings when missing.
ALTER TABLE jobs ADD COLUMN deadline_ms BIGINT;
-- When the attempt ends without its runner.
ALTER TABLE attempts ADD COLUMN ends_by BIGINT;

CREATE INDEX attempts_by_deadline ON attempts (ends_by)
    WHERE stage = 'held' AND ends_by IS NOT NULL;
