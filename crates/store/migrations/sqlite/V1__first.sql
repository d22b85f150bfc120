-- The first layout. What must be atomic across orders is a row here; what belongs to one order is in its document.
-- Keys grow with time, so inserts touch few pages. Times are milliseconds, amounts minor units, flags 0 and 1.

CREATE TABLE orders (
    id             INTEGER PRIMARY KEY,
    number         TEXT    NOT NULL UNIQUE,
    version        INTEGER NOT NULL,
    email          TEXT,
    state          TEXT    NOT NULL,
    payment_state  TEXT,
    shipment_state TEXT,
    total          INTEGER NOT NULL,
    customer       INTEGER,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    completed_at   INTEGER,
    canceled       INTEGER NOT NULL,
    origin         TEXT    NOT NULL,
    -- Last, so that a scan over the columns never reads it.
    doc            BLOB    NOT NULL
);
CREATE INDEX orders_by_customer ON orders (customer) WHERE customer IS NOT NULL;
CREATE INDEX orders_by_email ON orders (email) WHERE email IS NOT NULL;
CREATE INDEX orders_by_completion ON orders (completed_at) WHERE completed_at IS NOT NULL;

CREATE TABLE order_shipments (
    number   TEXT    NOT NULL PRIMARY KEY,
    order_id INTEGER NOT NULL
) WITHOUT ROWID;

-- A piece belongs to the order of the greatest first id at or below it; the document has the last word.
CREATE TABLE order_units (
    first    INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL
);

-- History and outbox in one.
CREATE TABLE events (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    doc      BLOB    NOT NULL,
    UNIQUE (order_id, sequence)
);
-- How far each listener has read the events.
CREATE TABLE consumers (
    name     TEXT    NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE entities (
    kind TEXT    NOT NULL,
    id   INTEGER NOT NULL,
    doc  BLOB    NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    version       INTEGER NOT NULL,
    -- Null for contacts, who may share an address.
    account_email TEXT UNIQUE,
    doc           BLOB NOT NULL
);
CREATE TABLE keys (
    hash    BLOB    NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX keys_by_user ON keys (user_id);

CREATE TABLE stock_items (
    id            INTEGER PRIMARY KEY,
    variant       INTEGER NOT NULL,
    location      INTEGER NOT NULL,
    on_hand       INTEGER NOT NULL,
    held          INTEGER NOT NULL,
    backorderable INTEGER NOT NULL,
    -- How far below zero it already was when backorders were switched off.
    floor         INTEGER NOT NULL,
    UNIQUE (variant, location)
);
-- A hold of a part of an order; after the sale the row stays, so that taking twice is taking once.
CREATE TABLE stock_holds (
    order_id   INTEGER NOT NULL,
    part_kind  INTEGER NOT NULL,
    part_id    INTEGER NOT NULL,
    variant    INTEGER NOT NULL,
    location   INTEGER NOT NULL,
    units      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    taken      INTEGER NOT NULL,
    PRIMARY KEY (order_id, part_kind, part_id, variant, location)
) WITHOUT ROWID;
CREATE INDEX stock_holds_of_item ON stock_holds (variant, location, expires_at) WHERE taken = 0;
CREATE INDEX stock_holds_by_expiry ON stock_holds (expires_at) WHERE taken = 0;
CREATE TABLE stock_movements (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    item     INTEGER NOT NULL,
    variant  INTEGER NOT NULL,
    location INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    order_id INTEGER,
    at       INTEGER NOT NULL
);
CREATE INDEX stock_movements_by_location ON stock_movements (location, id);

CREATE TABLE coupon_claims (
    promotion INTEGER NOT NULL,
    order_id  INTEGER NOT NULL,
    code      TEXT    NOT NULL,
    user_id   INTEGER,
    -- The limits this use was counted under, for the audit; a merchant may lower them later.
    use_limit  INTEGER,
    code_limit INTEGER,
    PRIMARY KEY (promotion, order_id)
) WITHOUT ROWID;
CREATE INDEX coupon_claims_by_user ON coupon_claims (promotion, user_id) WHERE user_id IS NOT NULL;
-- The empty code counts all uses of the promotion.
CREATE TABLE coupon_uses (
    promotion INTEGER NOT NULL,
    code      TEXT    NOT NULL,
    used      INTEGER NOT NULL,
    PRIMARY KEY (promotion, code)
) WITHOUT ROWID;

CREATE TABLE credits (
    id       INTEGER PRIMARY KEY,
    user_id  INTEGER NOT NULL,
    currency TEXT    NOT NULL,
    granted  INTEGER NOT NULL,
    used     INTEGER NOT NULL,
    held     INTEGER NOT NULL,
    doc      BLOB    NOT NULL
);
CREATE INDEX credits_by_user ON credits (user_id);
-- What one payment holds, captured and gave back of one grant.
CREATE TABLE credit_parts (
    credit   INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    payment  INTEGER NOT NULL,
    held     INTEGER NOT NULL,
    captured INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    PRIMARY KEY (credit, order_id, payment)
) WITHOUT ROWID;
CREATE TABLE credit_ledger (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    credit     INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    action     INTEGER NOT NULL,
    amount     INTEGER NOT NULL,
    currency   TEXT    NOT NULL,
    remaining  INTEGER NOT NULL,
    user_total INTEGER NOT NULL,
    order_id   INTEGER,
    at         INTEGER NOT NULL
);
CREATE INDEX credit_ledger_by_user ON credit_ledger (user_id, id);

CREATE TABLE replies (
    hash         BLOB    NOT NULL PRIMARY KEY,
    fingerprint  BLOB    NOT NULL,
    status       INTEGER NOT NULL,
    content_type TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL,
    body         BLOB    NOT NULL
);
CREATE INDEX replies_by_expiry ON replies (expires_at);

CREATE TABLE jobs (
    queue        TEXT    NOT NULL,
    key          INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    tries        INTEGER NOT NULL,
    PRIMARY KEY (queue, key)
) WITHOUT ROWID;
CREATE INDEX jobs_by_due ON jobs (queue, due_at);

-- The next id of each kind, by the kind's number.
CREATE TABLE counters (
    kind INTEGER PRIMARY KEY,
    next INTEGER NOT NULL
);
