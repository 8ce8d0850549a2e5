//! What the archive holds, its batches, jobs and outbox, in SQL.
