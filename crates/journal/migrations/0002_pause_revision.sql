-- The newest wish for a pause, made elsewhere than at this machine, that was carried out.
ALTER TABLE installation ADD COLUMN pause_revision INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 2;
