//! What is known of payers beside their record: how many orders they placed and what credit they have, kept between
//! the requests of one checkout.
//!
//! An entry is as good as the rows while nothing has been written about its payer: each write that concerns one
//! changes the payer's mark, and an entry with an old mark is nothing. The mark is read before the rows are, so a slow
//! reader cannot bring old figures back. What a write makes of figures that are known is worked out in
//! `foreseen`, so that the next request of the same payer need not read.

use super::bounded::Bounded;
use domain::money::Amount;
use domain::user::Credit;
use domain::{CreditId, UserId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Payers who are remembered.
const PAYERS: u64 = 16_384;
/// Marks, shared by payers whose ids differ by a multiple of it.
const MARKS: usize = 4_096;

pub(super) struct Payers {
    known: Bounded<UserId, (Mark, Arc<Payer>)>,
    marks: Box<[AtomicU64]>,
}

/// The state of a payer's rows that an entry was read in, or an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(u64);

/// One payer's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Payer {
    /// Orders placed and not canceled.
    pub placed: u32,
    /// In the order of their ids.
    pub credits: Vec<Credit>,
}

impl Payer {
    /// A credit as it is now; one that was not there is new.
    pub fn keep(&mut self, credit: Credit) {
        match self.credits.binary_search_by_key(&credit.id, |known| known.id) {
            Ok(at) => self.credits[at] = credit,
            Err(at) => self.credits.insert(at, credit),
        }
    }

    /// What is left of a credit. Whether the credit is known.
    pub fn leave(&mut self, credit: CreditId, available: Amount) -> Known {
        match self.credits.binary_search_by_key(&credit, |known| known.id) {
            Ok(at) => {
                self.credits[at].available = available;
                Known::Yes
            }
            Err(_) => Known::No,
        }
    }
}

/// Whether a figure could be brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Yes,
    No,
}

impl Payers {
    pub fn new() -> Payers {
        let marks = (0..MARKS).map(|_| AtomicU64::new(0)).collect();
        Payers { known: Bounded::new(PAYERS), marks }
    }

    /// To be taken before the rows are read.
    pub fn mark(&self, user: UserId) -> Mark {
        Mark(self.mark_of(user).load(Ordering::Acquire))
    }

    pub fn get(&self, user: UserId) -> Option<Arc<Payer>> {
        let (mark, payer) = self.known.get(&user)?;
        (mark == self.mark(user)).then_some(payer)
    }

    pub fn put(&self, user: UserId, mark: Mark, payer: Arc<Payer>) {
        self.known.insert(user, (mark, payer), 1);
    }

    /// Something was written about this payer. Entries with the mark that is returned are read, or worked out, after it.
    pub fn touch(&self, user: UserId) -> Mark {
        Mark(self.mark_of(user).fetch_add(1, Ordering::AcqRel).wrapping_add(1))
    }

    /// Something was written, and about whom is not known.
    pub fn touch_all(&self) {
        for mark in &self.marks {
            mark.fetch_add(1, Ordering::Release);
        }
    }

    fn mark_of(&self, user: UserId) -> &AtomicU64 {
        // Ids are positive; another sign would only share a mark.
        &self.marks[user.0.unsigned_abs() as usize % MARKS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payer(placed: u32) -> Arc<Payer> {
        Arc::new(Payer { placed, credits: Vec::new() })
    }

    #[test]
    fn an_entry_lasts_until_something_is_written() {
        let payers = Payers::new();
        let (one, other) = (UserId(1), UserId(2));
        payers.put(one, payers.mark(one), payer(3));
        payers.touch(other);
        assert_eq!(payers.get(one).map(|payer| payer.placed), Some(3));
        payers.touch(one);
        assert!(payers.get(one).is_none());
        payers.put(one, payers.mark(one), payer(4));
        payers.touch_all();
        assert!(payers.get(one).is_none());
    }

    #[test]
    fn a_slow_reader_brings_nothing_old_back() {
        let payers = Payers::new();
        let user = UserId(1);
        let before = payers.mark(user);
        payers.touch(user);
        payers.put(user, before, payer(0));
        assert!(payers.get(user).is_none());
    }
}
