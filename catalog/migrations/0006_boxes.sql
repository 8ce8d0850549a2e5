-- What was done with a box as a whole: compared with its inventory, closed, opened again; each as it lies in the store's
-- journal. One that is not written there yet is what an interrupted run left.
CREATE TABLE box_records (
    id        TEXT PRIMARY KEY,
    fonds     TEXT NOT NULL,
    box_name  TEXT NOT NULL,
    at        TEXT NOT NULL,
    record    TEXT NOT NULL,
    written   INTEGER NOT NULL
);
CREATE INDEX box_records_by_box ON box_records (fonds, box_name, at);

-- What was closed: a load ('load', by its batch) or a box for good ('box', by its record).
ALTER TABLE closings ADD COLUMN subject TEXT NOT NULL DEFAULT 'load';

-- A load under way: since when, and what was done before it was taken up again.
CREATE TABLE load_runs (
    batch_id      TEXT PRIMARY KEY,
    started_at    TEXT NOT NULL,
    files_found   BIGINT NOT NULL,
    pages_before  BIGINT NOT NULL
);
