-- Pictures that staff handed in, by the SHA-256 of their bytes. A row is never changed.
CREATE TABLE files (
    key   BLOB NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
);
