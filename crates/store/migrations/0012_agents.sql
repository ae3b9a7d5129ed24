-- What a job asks of its agent, what its agents used, and what they are told.

ALTER TABLE jobs ADD COLUMN model TEXT;
-- Arguments for the agent's program.
ALTER TABLE jobs ADD COLUMN extra_arguments TEXT;

-- Until when it waits and why, while it is parked.
ALTER TABLE attempts ADD COLUMN parked TEXT;
-- What each turn of its agent used.
ALTER TABLE attempts ADD COLUMN turns TEXT;

-- What holds for every job of the workspace.
ALTER TABLE workspaces ADD COLUMN house_rules TEXT;
