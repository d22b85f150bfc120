//! One at a time: locks by key, with a bounded wait.
//!
//! A lock lives while somebody holds it or waits for it, and is forgotten afterwards; dropping the guard (also by
//! a panic or a canceled request) frees it, so nothing ever goes stale. These locks only save work: what must
//! hold between replicas is a condition of the commit.

use dashmap::DashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

type Locks<K> = DashMap<K, Arc<Mutex<()>>>;

/// Locks by key.
#[derive(Debug)]
pub struct KeyedLocks<K: Eq + Hash + Clone> {
    locks: Arc<Locks<K>>,
}

/// The lock is held as long as this lives.
#[derive(Debug)]
pub struct KeyedGuard<K: Eq + Hash + Clone> {
    // Dropped in `drop`, before the place is looked at.
    held: Option<OwnedMutexGuard<()>>,
    _place: Place<K>,
}

/// A claim on an entry; the last one takes the entry with it.
#[derive(Debug)]
struct Place<K: Eq + Hash + Clone> {
    key: K,
    lock: Option<Arc<Mutex<()>>>,
    locks: Arc<Locks<K>>,
}

impl<K: Eq + Hash + Clone> KeyedLocks<K> {
    pub fn new() -> KeyedLocks<K> {
        KeyedLocks { locks: Arc::new(DashMap::new()) }
    }

    /// Takes the lock, waiting in line for at most `wait`. `None`: somebody else still has it.
    pub async fn acquire(&self, key: K, wait: Duration) -> Option<KeyedGuard<K>> {
        let lock = Arc::clone(&self.locks.entry(key.clone()).or_default());
        let place = Place { key, lock: Some(Arc::clone(&lock)), locks: Arc::clone(&self.locks) };
        let held = match Arc::clone(&lock).try_lock_owned() {
            Ok(held) => Some(held),
            Err(_) => tokio::time::timeout(wait, Arc::clone(&lock).lock_owned()).await.ok(),
        };
        drop(lock);
        held.map(|held| KeyedGuard { held: Some(held), _place: place })
    }

    /// Number of keys that are held or waited for.
    pub fn len(&self) -> usize {
        self.locks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.locks.is_empty()
    }
}

impl<K: Eq + Hash + Clone> Default for KeyedLocks<K> {
    fn default() -> Self {
        KeyedLocks::new()
    }
}

impl<K: Eq + Hash + Clone> Drop for KeyedGuard<K> {
    fn drop(&mut self) {
        self.held.take();
    }
}

impl<K: Eq + Hash + Clone> Drop for Place<K> {
    fn drop(&mut self) {
        self.lock.take();
        // Newcomers clone the lock while they hold the map's shard, so a count of one means: nobody but the map.
        self.locks.remove_if(&self.key, |_, lock| Arc::strong_count(lock) == 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_second_caller_waits_no_longer_than_it_said() {
        let locks = KeyedLocks::new();
        let held = locks.acquire(7, LONG).await;
        assert!(held.is_some());
        assert!(locks.acquire(7, Duration::from_millis(20)).await.is_none());
        assert!(locks.acquire(8, Duration::ZERO).await.is_some(), "another key is free");
        drop(held);
        assert!(locks.acquire(7, Duration::ZERO).await.is_some());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn only_one_is_inside_and_nothing_is_left_behind() {
        let locks = Arc::new(KeyedLocks::new());
        let inside: Arc<[AtomicUsize; 4]> = Arc::default();
        let passed = Arc::new(AtomicUsize::new(0));
        let mut tasks = Vec::new();
        for n in 0..400usize {
            let (locks, inside, passed) = (Arc::clone(&locks), Arc::clone(&inside), Arc::clone(&passed));
            tasks.push(tokio::spawn(async move {
                let guard = locks.acquire(n % 4, LONG).await;
                assert!(guard.is_some());
                assert_eq!(inside[n % 4].fetch_add(1, Ordering::SeqCst), 0, "two inside");
                tokio::task::yield_now().await;
                inside[n % 4].fetch_sub(1, Ordering::SeqCst);
                passed.fetch_add(1, Ordering::SeqCst);
            }));
        }
        for task in tasks {
            task.await.expect("no task fails");
        }
        assert_eq!(passed.load(Ordering::SeqCst), 400);
        assert!(locks.is_empty());
    }

    #[tokio::test]
    async fn a_waiter_that_gives_up_or_is_dropped_leaves_no_entry() {
        let locks = KeyedLocks::new();
        let held = locks.acquire("a", LONG).await;
        assert!(locks.acquire("a", Duration::from_millis(5)).await.is_none());
        let dropped = tokio::time::timeout(Duration::from_millis(5), locks.acquire("a", LONG)).await;
        assert!(dropped.is_err());
        assert_eq!(locks.len(), 1);
        drop(held);
        assert!(locks.is_empty());
    }
}
