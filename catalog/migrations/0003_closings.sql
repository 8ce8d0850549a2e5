-- The closing of a box for the log: the digest of its account in the store's journal, and the salt beside it.
CREATE TABLE closings (
    batch_id  TEXT PRIMARY KEY,
    digest    TEXT NOT NULL,
    salt      TEXT NOT NULL,
    at        TEXT NOT NULL,
    leaf      BIGINT
);
CREATE UNIQUE INDEX closings_by_leaf ON closings (leaf);
