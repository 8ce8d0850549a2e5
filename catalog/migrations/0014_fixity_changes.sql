-- What verifying a dossier found, each time that it was something else than the time before, back to nothing included.
CREATE TABLE fixity_changes (
    dossier_id  TEXT NOT NULL,
    at_ms       BIGINT NOT NULL,  -- milliseconds since 1970
    findings    TEXT NOT NULL,    -- a JSON list
    PRIMARY KEY (dossier_id, at_ms)
);
CREATE INDEX fixity_changes_by_time ON fixity_changes (at_ms);
INSERT INTO fixity_changes (dossier_id, at_ms, findings)
    SELECT dossier_id, at_ms, findings FROM fixity WHERE findings <> '[]';
