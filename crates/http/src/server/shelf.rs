//! Answers that are the same for everybody, kept for a while in the memory of this process.
//!
//! A shelf says when something was put there and leaves it to its reader whether that is too long ago. It holds nothing that
//! belongs to anybody, and losing it costs one look at the source.

use domain::Time;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What was put on a shelf, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelved {
    pub since: Time,
    pub text: Arc<str>,
}

/// Few things, each by its name.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<HashMap<&'static str, Shelved>>);

impl Shelf {
    pub fn get(&self, name: &str) -> Option<Shelved> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub fn put(&self, name: &'static str, shelved: Shelved) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, shelved);
    }
}
