-- What lists of tickets are narrowed to; it follows the order's document. A status that is null was written before
-- this column was there, and is filled in when the database is opened.
ALTER TABLE order_tickets ADD COLUMN status TEXT;
-- Lower case.
ALTER TABLE order_tickets ADD COLUMN email TEXT;
CREATE INDEX order_tickets_by_order ON order_tickets (order_id, id);
CREATE INDEX order_tickets_by_event ON order_tickets (event, order_id);
CREATE INDEX order_tickets_by_email ON order_tickets (email, order_id) WHERE email IS NOT NULL;
CREATE INDEX order_tickets_to_fill ON order_tickets (order_id) WHERE status IS NULL;

-- People known by nothing but an address. Their rows are among the users, without an account.
CREATE TABLE contacts (
    -- Lower case.
    email   TEXT    NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL
) WITHOUT ROWID;
