//! A bounded map in memory: what was not used for a while makes room for what is new.
//!
//! Second chance: things stand in a circle; room is made by walking it, and what was used since the last walk is
//! passed over once. So a look costs one short lock and one flag, and nothing is kept in order by how it is used. The
//! map is cut into shards, each with a lock and a share of the room of its own.

use parking_lot::Mutex;
use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, RandomState};

/// Shards: so many that two rarely meet at one lock, so few that the largest thing has room in one.
const SHARDS: usize = 16;

pub(super) struct Bounded<K, V> {
    shards: Box<[Mutex<Shard<K, V>>]>,
    hasher: RandomState,
    /// Room of one shard.
    room: u64,
}

struct Shard<K, V> {
    things: HashMap<K, Thing<V>>,
    /// Each key of `things` once, in the order in which room is made.
    circle: VecDeque<K>,
    weight: u64,
}

struct Thing<V> {
    value: V,
    weight: u32,
    used: Used,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Used {
    Since,
    Never,
}

/// What becomes of a value that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefer {
    New,
    Known,
}

impl<K: Hash + Eq + Clone, V: Clone> Bounded<K, V> {
    /// Room for things that weigh so much together.
    pub fn new(room: u64) -> Bounded<K, V> {
        let shard = || Shard { things: HashMap::new(), circle: VecDeque::new(), weight: 0 };
        Bounded {
            shards: (0..SHARDS).map(|_| Mutex::new(shard())).collect(),
            hasher: RandomState::new(),
            room: room / SHARDS as u64,
        }
    }

    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut shard = self.shard(key).lock();
        let thing = shard.things.get_mut(key)?;
        thing.used = Used::Since;
        Some(thing.value.clone())
    }

    pub fn insert(&self, key: K, value: V, weight: u32) {
        self.insert_by(key, value, weight, |_| Prefer::New);
    }

    /// Puts a value in, or leaves the one that is there, as `prefer` says of it.
    pub fn insert_by(&self, key: K, value: V, weight: u32, prefer: impl FnOnce(&V) -> Prefer) {
        // Dropped after the lock: it may be large.
        let _gone = self.shard(&key).lock().insert(key, value, weight, self.room, prefer);
    }

    pub fn remove<Q: Hash + Eq + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let _gone = self.shard(key).lock().remove(key);
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> &Mutex<Shard<K, V>> {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }
}

impl<K: Hash + Eq + Clone, V> Shard<K, V> {
    /// What had to go.
    fn insert(
        &mut self,
        key: K,
        value: V,
        weight: u32,
        room: u64,
        prefer: impl FnOnce(&V) -> Prefer,
    ) -> Vec<Thing<V>> {
        let mut gone = Vec::new();
        let fresh = Thing { value, weight, used: Used::Never };
        match self.things.get_mut(&key) {
            Some(known) if prefer(&known.value) == Prefer::Known => return gone,
            _ if u64::from(weight) > room => return Vec::from_iter(self.remove(&key)),
            Some(known) => {
                self.weight -= u64::from(known.weight);
                gone.push(std::mem::replace(known, Thing { used: Used::Since, ..fresh }));
            }
            None => {
                self.circle.push_back(key.clone());
                self.things.insert(key, fresh);
            }
        }
        self.weight += u64::from(weight);
        // Whoever is passed over loses the flag, so this ends within two rounds.
        while self.weight > room
            && let Some(oldest) = self.circle.pop_front()
        {
            match self.things.get_mut(&oldest) {
                Some(thing) if thing.used == Used::Since => {
                    thing.used = Used::Never;
                    self.circle.push_back(oldest);
                }
                _ => {
                    if let Some(thing) = self.things.remove(&oldest) {
                        self.weight -= u64::from(thing.weight);
                        gone.push(thing);
                    }
                }
            }
        }
        gone
    }

    fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<Thing<V>>
    where
        K: Borrow<Q>,
    {
        let thing = self.things.remove(key)?;
        self.weight -= u64::from(thing.weight);
        self.circle.retain(|other| other.borrow() != key);
        Some(thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map of one shard, so that it is known what is beside what.
    fn bounded(room: u64) -> Bounded<i64, i64> {
        let mut map = Bounded::new(room * SHARDS as u64);
        let shards: Vec<_> = map.shards.into_vec();
        map.shards = shards.into_iter().take(1).collect();
        map
    }

    fn put(map: &Bounded<i64, i64>, key: i64, value: i64, weight: u32) {
        let _gone = map.shards[0].lock().insert(key, value, weight, map.room, |_| Prefer::New);
    }

    fn keys(map: &Bounded<i64, i64>) -> Vec<i64> {
        let shard = map.shards[0].lock();
        assert_eq!(shard.circle.len(), shard.things.len());
        assert_eq!(shard.weight, shard.things.values().map(|thing| u64::from(thing.weight)).sum::<u64>());
        assert!(shard.weight <= map.room);
        let mut keys: Vec<i64> = shard.things.keys().copied().collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn what_was_used_stays_longer() {
        let map = bounded(3);
        for key in 1..=3 {
            put(&map, key, key, 1);
        }
        map.shards[0].lock().things.get_mut(&1).unwrap().used = Used::Since;
        put(&map, 4, 4, 1);
        assert_eq!(keys(&map), [1, 3, 4]);
        put(&map, 5, 5, 2);
        assert_eq!(keys(&map), [1, 5]);
    }

    #[test]
    fn weights_follow_what_is_there() {
        let map = bounded(10);
        put(&map, 1, 1, 4);
        put(&map, 1, 2, 9);
        assert_eq!(keys(&map), [1]);
        put(&map, 2, 2, 11);
        assert_eq!(keys(&map), [1], "what is larger than the room is not kept");
        put(&map, 1, 3, 11);
        assert_eq!(keys(&map), [0; 0], "nor is what it would replace");
    }

    #[test]
    fn values_are_found_preferred_and_removed() {
        let map: Bounded<String, i64> = Bounded::new(SHARDS as u64 * 10);
        map.insert("a".to_owned(), 1, 1);
        map.insert_by("a".to_owned(), 2, 1, |known| if *known < 2 { Prefer::Known } else { Prefer::New });
        assert_eq!(map.get("a"), Some(1));
        map.insert("a".to_owned(), 3, 1);
        assert_eq!(map.get("a"), Some(3));
        map.remove("a");
        assert_eq!(map.get("a"), None);
        for key in 0..10_000 {
            map.insert(key.to_string(), key, 1);
        }
        let kept = (0..10_000).filter(|key| map.get(&*key.to_string()) == Some(*key)).count();
        assert!((1..=SHARDS * 10).contains(&kept), "{kept} are kept");
    }

    #[test]
    fn many_threads_see_whole_values() {
        let map: Bounded<i64, (i64, i64)> = Bounded::new(SHARDS as u64 * 4);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let map = &map;
                scope.spawn(move || {
                    for n in 0..20_000 {
                        let key = (n * 7 + thread) % 500;
                        map.insert(key, (key, -key), 1);
                        if let Some((one, other)) = map.get(&((key * 3) % 500)) {
                            assert_eq!((one, other), ((key * 3) % 500, -((key * 3) % 500)));
                        }
                    }
                });
            }
        });
        for shard in &map.shards {
            let shard = shard.lock();
            assert_eq!((shard.circle.len(), shard.weight), (shard.things.len(), shard.things.len() as u64));
        }
    }
}
