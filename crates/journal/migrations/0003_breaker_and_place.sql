-- How many jobs in a row failed before an agent began, and which was counted last.
ALTER TABLE installation ADD COLUMN breaker TEXT;
-- Where this directory was when the service last started: a copy of it is somewhere else.
ALTER TABLE installation ADD COLUMN place TEXT;

PRAGMA user_version = 3;
