//! What a stand-in remembers: the newest few thousand, in memory, gone when the process ends.
//!
//! The bound is the whole policy: whoever asks for what was pushed out gets the same answer as for what never was.

use std::collections::{HashMap, VecDeque};

/// Newest entries kept of each kind: more than a test run or a demo makes.
pub const KEPT: usize = 10_000;

/// A map that forgets its oldest keys.
#[derive(Debug)]
pub struct Keep<T> {
    entries: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> Default for Keep<T> {
    fn default() -> Self {
        Keep { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Keep<T> {
    pub fn get(&self, key: &str) -> Option<&T> {
        self.entries.get(key)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.entries.get_mut(key)
    }

    pub fn put(&mut self, key: &str, value: T) {
        if self.entries.insert(key.to_owned(), value).is_none() {
            self.order.push_back(key.to_owned());
        }
        while self.order.len() > KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }

    /// Newest first.
    pub fn newest(&self) -> impl Iterator<Item = &T> {
        self.order.iter().rev().filter_map(|key| self.entries.get(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first() {
        let mut keep = Keep::default();
        for n in 0..=KEPT {
            keep.put(&n.to_string(), n);
        }
        assert_eq!((keep.get("0"), keep.get("1")), (None, Some(&1)));
        assert_eq!(keep.newest().next(), Some(&KEPT));
    }
}
