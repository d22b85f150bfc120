-- What is to be delivered because of events: made by a reader of the events, never by the write that makes an event.
-- Done ones are removed; those given up keep their reason for a while.
CREATE TABLE deliveries (
    target       TEXT    NOT NULL,
    order_id     INTEGER NOT NULL,
    -- The event's own id.
    event        INTEGER NOT NULL,
    part         INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    tries        INTEGER NOT NULL,
    first_try_at INTEGER,
    given_up_at  INTEGER,
    error        TEXT,
    PRIMARY KEY (target, order_id, event, part)
) WITHOUT ROWID;
CREATE INDEX deliveries_by_due ON deliveries (target, due_at) WHERE given_up_at IS NULL;
CREATE INDEX deliveries_given_up ON deliveries (given_up_at) WHERE given_up_at IS NOT NULL;

-- Nobody is told now of what happened before there was an outbox.
INSERT OR IGNORE INTO consumers (name, position) SELECT 'outbox', coalesce(max(id), 0) FROM events;
