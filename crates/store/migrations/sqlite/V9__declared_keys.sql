-- Keys that the store file declares: one that it declares no longer is good for nothing.

ALTER TABLE keys ADD COLUMN declared INTEGER NOT NULL DEFAULT 0;
