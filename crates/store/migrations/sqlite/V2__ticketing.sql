-- Uses that are counted across orders (invitations, memberships, member ids, pieces of a contact), one row for each
-- thing and order, and their sums.
CREATE TABLE claims (
    key       TEXT    NOT NULL,
    order_id  INTEGER NOT NULL,
    units     INTEGER NOT NULL,
    -- The limit these units were counted under, for the audit; a merchant may lower it later.
    use_limit INTEGER,
    PRIMARY KEY (key, order_id)
) WITHOUT ROWID;
CREATE TABLE claim_uses (
    key  TEXT    NOT NULL PRIMARY KEY,
    used INTEGER NOT NULL
) WITHOUT ROWID;

-- Names that lead from a ticket to its order; the document has the last word.
CREATE TABLE order_tickets (
    id       INTEGER PRIMARY KEY,
    number   TEXT    NOT NULL UNIQUE,
    event    INTEGER NOT NULL,
    barcode  TEXT    NOT NULL,
    order_id INTEGER NOT NULL,
    UNIQUE (event, barcode)
);
