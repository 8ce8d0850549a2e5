-- What the paper inventory says of a dossier, and that its box is closed, as its description has them: JSON.
ALTER TABLE dossiers ADD COLUMN inventory TEXT;
ALTER TABLE dossiers ADD COLUMN closing TEXT;
