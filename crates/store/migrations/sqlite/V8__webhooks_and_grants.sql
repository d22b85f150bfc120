-- What payment platforms told by themselves, each event once, and credit that came of the money of orders.

CREATE TABLE notices (
    platform TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    -- NULL: it names an order nobody knows, and its body is kept to be looked at.
    order_id INTEGER,
    at       INTEGER NOT NULL,
    body     BLOB    NOT NULL,
    PRIMARY KEY (platform, id)
) WITHOUT ROWID;
CREATE INDEX notices_by_time ON notices (at);

CREATE TABLE credit_grants (
    order_id INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    credit   INTEGER NOT NULL UNIQUE,
    amount   INTEGER NOT NULL,
    PRIMARY KEY (order_id, number)
) WITHOUT ROWID;
