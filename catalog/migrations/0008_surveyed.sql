-- Whether everything in the box of a load under way is deposited: then it can be finished without the box.
ALTER TABLE load_runs ADD COLUMN surveyed INTEGER NOT NULL DEFAULT 0;
