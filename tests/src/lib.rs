//! What the whole-system tests share: the repository as data, and the house rules as functions over it.
//!
//! A rule takes a source (or a manifest) and answers with findings; it never prints, never fails by itself and never
//! looks at anything but what it is given, so that each can be shown to fail on a bad sample. `tests/tidy.rs` runs them
//! over the real tree.

pub mod arrows;
pub mod lexer;
pub mod repo;
pub mod rules;
pub mod words;

/// One breach of a house rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Relative to the repository's root, with forward slashes.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong, as a sentence without a full stop.
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}
