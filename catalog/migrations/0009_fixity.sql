-- When the bytes of each dossier were hashed last, and what was found then as a JSON list. Until the first time it is when
-- they came, which hashed them too. A dossier of an older catalog is due at once.
CREATE TABLE fixity (
    dossier_id  TEXT PRIMARY KEY,
    at_ms       BIGINT NOT NULL,  -- milliseconds since 1970
    verified    INTEGER NOT NULL, -- 0: only received so far
    version     INTEGER NOT NULL,
    findings    TEXT NOT NULL,
    recorded    INTEGER NOT NULL  -- 0: no record in the store's journal has it yet
);
INSERT INTO fixity (dossier_id, at_ms, verified, version, findings, recorded)
    SELECT id, 0, 0, 0, '[]', 1 FROM dossiers;
CREATE INDEX fixity_by_age ON fixity (at_ms);
CREATE INDEX fixity_with_findings ON fixity (dossier_id) WHERE findings <> '[]';

CREATE INDEX fixity_to_record ON fixity (at_ms) WHERE recorded = 0;

-- Verifications of the whole archive: one that has no end was interrupted, and the next goes on with it.
CREATE TABLE verifications (
    id           TEXT PRIMARY KEY,
    started_ms   BIGINT NOT NULL,
    finished_ms  BIGINT,
    checked      TEXT NOT NULL,  -- how much was looked at so far: JSON
    findings     TEXT NOT NULL   -- what was found beside the dossiers' own bytes: a JSON list
);
CREATE INDEX verifications_by_start ON verifications (started_ms);
