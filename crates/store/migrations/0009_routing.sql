-- Whose turn a job's is, who works on it, and what plans count.

-- From 0, the lowest, to 3.
ALTER TABLE jobs ADD COLUMN priority BIGINT NOT NULL DEFAULT 1;
-- Jobs with the same word are the same to every runner.
ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT '';
-- The how many-th it was of its submitter's in the month in which it was submitted.
ALTER TABLE jobs ADD COLUMN number_in_month BIGINT NOT NULL DEFAULT 0;

UPDATE jobs SET lane = id;

DROP INDEX jobs_in_queue;
CREATE INDEX jobs_in_lanes ON jobs (lane, ready_at, id) WHERE state = 'ready';
CREATE INDEX jobs_under_way ON jobs (created_by) WHERE state = 'in_progress';

-- Submissions are counted apart from the jobs, so that deleting jobs gives none back.
CREATE TABLE submissions (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    -- The month's first moment.
    month BIGINT NOT NULL,
    jobs BIGINT NOT NULL,
    PRIMARY KEY (account_id, month)
);

-- Who works on a job beside its submitter, who leads.
CREATE TABLE job_team (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    PRIMARY KEY (job_id, account_id)
);

CREATE INDEX job_team_by_account ON job_team (account_id);

-- Bytes of attachments and artifacts of the workspace's jobs.
ALTER TABLE workspaces ADD COLUMN storage_bytes BIGINT NOT NULL DEFAULT 0;

UPDATE workspaces SET storage_bytes = CAST((
    SELECT COALESCE(SUM(f.size), 0) FROM (
        SELECT t.job_id, t.size FROM attachments t
        UNION ALL SELECT r.job_id, r.size FROM artifacts r
    ) f JOIN jobs j ON j.id = f.job_id
    WHERE j.workspace_id = workspaces.id) AS BIGINT);
