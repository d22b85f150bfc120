//! What is wrong with a store file: where it stands, which key, and what was expected.
//!
//! Faults are collected, never thrown: one reading of a file reports all of its mistakes. Texts quoted from the
//! file are shortened and escaped, so that a report is safe to print on a terminal.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

/// Characters of a wrong value that are repeated in a fault.
const SHOWN: usize = 60;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's name as the merchant gave it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// Path of the key, entries of a list counted from 1: `promotions[2].actions[1]`. Empty: the whole file.
    pub key: String,
    /// A sentence part: `expected …, found …`.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.key.is_empty() { "" } else { ": " };
        write!(f, "{}:{}: {}{colon}{}", self.file, self.line, self.key, self.problem)
    }
}

/// All mistakes of a file, in the order of their lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl std::error::Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

/// The text being read, and what was found wrong with it so far.
#[derive(Debug)]
pub struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
    faults: RefCell<Vec<Fault>>,
}

impl<'a> Source<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Source<'a> {
        Source { file, text, faults: RefCell::default() }
    }

    /// Notes a mistake at a place in the text.
    pub fn fault(&self, span: &Range<usize>, key: &str, problem: impl Into<String>) {
        let line = 1 + self.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count();
        self.add(Fault { file: self.file.to_owned(), line, key: key.to_owned(), problem: problem.into() });
    }

    /// Notes a mistake in another file that this one names.
    pub fn add(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// All faults, by line.
    pub fn into_faults(self) -> Faults {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| (fault.file != self.file, fault.line));
        faults.dedup();
        Faults(faults)
    }
}

/// A text from the file, quoted, shortened and escaped.
pub fn quoted(text: &str) -> String {
    let short: String = text.chars().take(SHOWN).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("\"{}{more}\"", short.escape_debug())
}

/// `, did you mean "…"?` for the candidate that is close to what was written; else empty.
pub fn suggestion<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let close = |candidate: &&str| strsim::damerau_levenshtein(written, candidate);
    match candidates.into_iter().min_by_key(close) {
        Some(best) if close(&best) <= 1 + best.chars().count() / 4 => {
            format!(", did you mean {}?", quoted(best))
        }
        _ => String::new(),
    }
}

/// `"a", "b" or "c"`.
pub fn alternatives(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => quoted(only),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|word| quoted(word)).collect();
            format!("{} or {}", first.join(", "), quoted(last))
        }
    }
}
