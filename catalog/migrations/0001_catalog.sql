-- The catalog of one archive. Everything here but running jobs, intents and the outbox can be rebuilt
-- from the store. Identifiers are UUIDs as text, digests 64 hexadecimal digits, times RFC 3339 in UTC.
-- Only types that PostgreSQL shares are used.

CREATE TABLE archive (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    id          TEXT NOT NULL,
    created_at  TEXT NOT NULL
);

-- A box is known by fonds and name; where it was read from tells a repeat from another box of that name.
CREATE TABLE boxes (
    fonds        TEXT NOT NULL,
    name         TEXT NOT NULL,
    source_path  TEXT NOT NULL,
    PRIMARY KEY (fonds, name)
);

CREATE TABLE dossiers (
    id                TEXT PRIMARY KEY,
    fonds             TEXT NOT NULL,
    box_name          TEXT NOT NULL,
    reference         TEXT NOT NULL,
    title             TEXT NOT NULL,
    version           INTEGER NOT NULL,
    inventory_digest  TEXT NOT NULL,
    UNIQUE (fonds, box_name, reference)
);
CREATE INDEX dossiers_by_reference ON dossiers (reference);

CREATE TABLE files (
    id            TEXT PRIMARY KEY,
    dossier_id    TEXT NOT NULL REFERENCES dossiers (id),
    ordinal       INTEGER NOT NULL,
    source_path   TEXT NOT NULL,
    logical_path  TEXT,
    digest        TEXT NOT NULL,
    size_bytes    INTEGER NOT NULL,
    media_type    TEXT,
    state         TEXT NOT NULL,
    reason        TEXT,
    detail        TEXT,
    received_at   TEXT NOT NULL,
    batch_id      TEXT NOT NULL,
    replaced_by   TEXT
);
CREATE INDEX files_by_dossier ON files (dossier_id, ordinal);
CREATE INDEX files_by_digest ON files (digest);

CREATE TABLE pages (
    id                  TEXT PRIMARY KEY,
    dossier_id          TEXT NOT NULL REFERENCES dossiers (id),
    number              INTEGER NOT NULL,
    file_id             TEXT NOT NULL REFERENCES files (id),
    page_index          INTEGER NOT NULL,
    width_px            INTEGER NOT NULL,
    height_px           INTEGER NOT NULL,
    dpi                 INTEGER,
    state               TEXT NOT NULL,
    reason              TEXT,
    detail              TEXT,
    text_path           TEXT,
    text_digest         TEXT,
    words               INTEGER NOT NULL,
    confidence_percent  INTEGER
);
CREATE INDEX pages_by_dossier ON pages (dossier_id, number);
CREATE INDEX pages_by_file ON pages (file_id, page_index);

-- PREMIS events, each with the salt of its ledger commitment.
CREATE TABLE events (
    id          TEXT PRIMARY KEY,
    dossier_id  TEXT NOT NULL REFERENCES dossiers (id),
    ordinal     INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    at          TEXT NOT NULL,
    agent       TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    detail      TEXT NOT NULL,
    file_id     TEXT,
    page_id     TEXT,
    digest      TEXT,
    salt        TEXT NOT NULL
);
CREATE INDEX events_by_dossier ON events (dossier_id, ordinal);

CREATE TABLE batches (
    id           TEXT PRIMARY KEY,
    fonds        TEXT NOT NULL,
    box_name     TEXT NOT NULL,
    source_path  TEXT NOT NULL,
    started_at   TEXT NOT NULL,
    finished_at  TEXT
);
CREATE INDEX batches_by_box ON batches (fonds, box_name, started_at);

-- The account: one row for each file found in the box. A file that has a record in `files` takes its
-- state from there; the state here is that of files without one.
CREATE TABLE batch_files (
    batch_id     TEXT NOT NULL REFERENCES batches (id),
    source_path  TEXT NOT NULL,
    file_id      TEXT,
    state        TEXT,
    reason       TEXT,
    detail       TEXT,
    at           TEXT NOT NULL,
    PRIMARY KEY (batch_id, source_path)
);

-- A version that is about to be written; gone once the version is recorded.
CREATE TABLE intents (
    dossier_id  TEXT PRIMARY KEY,
    version     INTEGER NOT NULL,
    payload     TEXT NOT NULL,
    created_at  TEXT NOT NULL
);

CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    dossier_id   TEXT NOT NULL,
    file_id      TEXT,
    first_page   INTEGER,
    page_count   INTEGER,
    priority     INTEGER NOT NULL,
    state        TEXT NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    token        INTEGER NOT NULL DEFAULT 0,
    not_before   BIGINT NOT NULL,  -- milliseconds since 1970
    lease_until  BIGINT,           -- milliseconds since 1970
    last_error   TEXT
);
CREATE INDEX jobs_to_claim ON jobs (state, priority, id);
CREATE INDEX jobs_by_dossier ON jobs (dossier_id, kind);

-- Versions that ledger and index have yet to learn of, in the order of their commit.
CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    dossier_id  TEXT NOT NULL,
    version     INTEGER NOT NULL
);
