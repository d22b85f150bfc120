//! Stores: in memory and SQLite, one conformance suite.
