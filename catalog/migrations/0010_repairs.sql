-- A repair of a dossier's object that is about to be made: which files are wrong, and how. Gone once it is an event.
CREATE TABLE repairs (
    event_id    TEXT PRIMARY KEY,
    dossier_id  TEXT NOT NULL,
    at          TEXT NOT NULL,
    payload     TEXT NOT NULL
);
