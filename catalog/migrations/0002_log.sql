-- The place of each event's leaf in the log, from 0; none until the log has it. A rebuild finds it again in the log.
ALTER TABLE events ADD COLUMN leaf BIGINT;
-- 1 for a master that was in the archive before it had a log: its leaf says no more than that.
ALTER TABLE events ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX events_by_leaf ON events (leaf);
-- What the log has yet to learn of.
CREATE INDEX events_to_log ON events (dossier_id, ordinal) WHERE leaf IS NULL;

-- How many leaves of the log were matched with events: those after it are looked at before anything is added.
CREATE TABLE log_position (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    leaves  BIGINT NOT NULL
);
INSERT INTO log_position (one, leaves) VALUES (1, 0);
