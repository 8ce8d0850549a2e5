-- Stacks divided at separator sheets: which pages of a dossier went where (JSON), and which stack keeps a file's bytes.
ALTER TABLE dossiers ADD COLUMN apart TEXT;
ALTER TABLE files ADD COLUMN held_dossier TEXT;
ALTER TABLE files ADD COLUMN held_file TEXT;
ALTER TABLE files ADD COLUMN held_path TEXT;
CREATE INDEX files_by_holding ON files (held_file);

-- Every file that shows something of what a batch brought: those that it brought, and the parts of its stacks.
CREATE VIEW batch_shown AS
    SELECT b.batch_id, b.source_path, f.id AS file_id, f.dossier_id
    FROM batch_files b JOIN files f ON f.id = b.file_id
    UNION ALL
    SELECT b.batch_id, b.source_path, f.id AS file_id, f.dossier_id
    FROM batch_files b JOIN files f ON f.held_file = b.file_id;

-- Without stacks whose pages all went to other dossiers.
CREATE VIEW shown_dossiers AS
    SELECT d.* FROM dossiers d
    WHERE d.apart IS NULL OR EXISTS (SELECT 1 FROM pages p WHERE p.dossier_id = d.id);
