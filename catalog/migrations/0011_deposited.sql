-- A dossier of an older catalog counts as one that came since: from its last deposit, which hashed it. So its turn comes
-- with the others of that time, not at once.
UPDATE fixity SET at_ms = COALESCE(
    (SELECT max(CAST(strftime('%s', received_at) AS INTEGER)) * 1000 FROM files WHERE files.dossier_id = fixity.dossier_id),
    0)
WHERE verified = 0 AND at_ms = 0;
