//! A bounded cache of decoded documents that never goes back in time.
//!
//! The writer fills it after the commit and before the answers; readers fill it with what they found. An entry
//! is replaced by a newer version only, so a slow reader cannot put an old document over a new one. A removed
//! thing leaves a last version behind that says so.

use super::bounded::{Bounded, Prefer};
use std::sync::Arc;

pub(super) struct DocumentCache<T> {
    entries: Bounded<i64, Entry<T>>,
}

struct Entry<T> {
    version: u64,
    /// `None`: removed.
    document: Option<Arc<T>>,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Entry { version: self.version, document: self.document.clone() }
    }
}

/// What an entry takes beside its document.
const ENTRY_BYTES: usize = 256;

impl<T: Send + Sync + 'static> DocumentCache<T> {
    /// Holds documents of about this many stored bytes together.
    pub fn new(capacity_bytes: u64) -> DocumentCache<T> {
        DocumentCache { entries: Bounded::new(capacity_bytes) }
    }

    /// What is known: nothing, that it is gone, or the document.
    pub fn get(&self, id: i64) -> Option<Option<Arc<T>>> {
        self.entries.get(&id).map(|entry| entry.document)
    }

    /// The document, if it is cached in exactly this version.
    pub fn get_version(&self, id: i64, version: u64) -> Option<Arc<T>> {
        self.entries.get(&id).filter(|entry| entry.version == version)?.document
    }

    pub fn put(&self, id: i64, version: u64, document: Arc<T>, bytes: usize) {
        self.insert(id, Entry { version, document: Some(document) }, bytes);
    }

    pub fn remove(&self, id: i64) {
        self.insert(id, Entry { version: u64::MAX, document: None }, 0);
    }

    fn insert(&self, id: i64, entry: Entry<T>, bytes: usize) {
        let version = entry.version;
        let weight = u32::try_from(bytes + ENTRY_BYTES).unwrap_or(u32::MAX);
        let prefer = |known: &Entry<T>| if known.version < version { Prefer::New } else { Prefer::Known };
        self.entries.insert_by(id, entry, weight, prefer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_reader_cannot_bring_an_old_version_back() {
        let cache = DocumentCache::new(1 << 20);
        cache.put(1, 2, Arc::new("new"), 3);
        cache.put(1, 1, Arc::new("old"), 3);
        assert_eq!(cache.get(1), Some(Some(Arc::new("new"))));
        assert_eq!(cache.get_version(1, 1), None);
        cache.remove(1);
        cache.put(1, 3, Arc::new("late"), 4);
        assert_eq!(cache.get(1), Some(None));
    }
}
