-- A runner that hears no assignment is left alone for a while.

-- How many times in a row assignments went back without an answer, and when the last of them did.
ALTER TABLE runners ADD COLUMN unanswered BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runners ADD COLUMN unanswered_at BIGINT;
