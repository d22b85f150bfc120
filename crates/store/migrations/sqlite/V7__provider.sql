-- What checkout providers bring: baskets that belong to browser sessions, users known by their id at a provider, and
-- the store's own key for links and cookies that must outlive the process.

ALTER TABLE orders ADD COLUMN session TEXT;
CREATE INDEX orders_by_session ON orders (session) WHERE session IS NOT NULL;

CREATE TABLE user_links (
    provider INTEGER NOT NULL,
    external TEXT    NOT NULL,
    user_id  INTEGER NOT NULL,
    PRIMARY KEY (provider, external)
) WITHOUT ROWID;
CREATE INDEX user_links_by_user ON user_links (user_id);

CREATE TABLE secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
) WITHOUT ROWID;
