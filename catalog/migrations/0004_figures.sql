-- What reading a page gave beside its text, as JSON; null for pages read before this was kept.
ALTER TABLE pages ADD COLUMN figures TEXT;
-- What pages are compared by: hexadecimal digits.
ALTER TABLE pages ADD COLUMN page_hash TEXT;
ALTER TABLE pages ADD COLUMN word_sketch TEXT;
-- The page that a file was scanned again for: which page of which file.
ALTER TABLE files ADD COLUMN rescan_of TEXT;
ALTER TABLE files ADD COLUMN rescan_of_index INTEGER;
CREATE INDEX files_by_rescan ON files (rescan_of) WHERE rescan_of IS NOT NULL;
-- From a page's file to where it lay in its box.
CREATE INDEX batch_files_by_file ON batch_files (file_id);
