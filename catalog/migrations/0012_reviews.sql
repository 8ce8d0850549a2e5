-- What people decided of pages that were doubted, as records in the store's journal say it. The latest of a page counts.
CREATE TABLE page_reviews (
    page_id    TEXT NOT NULL,
    record_id  TEXT NOT NULL,
    at_ms      BIGINT NOT NULL,  -- milliseconds since 1970
    said_by    TEXT NOT NULL,
    verdict    TEXT NOT NULL,
    doubts     TEXT NOT NULL,    -- the doubts that were looked at: a JSON list
    PRIMARY KEY (page_id, at_ms, record_id)
);
