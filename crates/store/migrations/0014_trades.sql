-- A network that sends a trade of a refresh token twice signs nobody out.

-- Which request traded this refresh token last; one that comes again changes nothing.
ALTER TABLE tokens ADD COLUMN traded_by TEXT;
