//! How often promotions are used, kept between the looks at one cart: all uses, those of a code, those of a customer.
//!
//! As in `payers`: an entry is as good as the rows while no use of its promotion was claimed or given back. Each such
//! write changes the promotion's mark; the mark is read before the rows are, and an entry with an old one is nothing.
//! The condition of a claim is in its write, so an entry decides what is shown and never what is granted.

use super::bounded::Bounded;
use domain::user::Buyer;
use domain::{OrderId, PromotionId, UserId};
use std::sync::atomic::{AtomicU64, Ordering};

/// Looks that are remembered.
const LOOKS: u64 = 32_768;
/// Marks, shared by promotions whose ids differ by a multiple of it.
const MARKS: usize = 1_024;

pub(super) struct Uses {
    known: Bounded<Look, (Mark, Counted)>,
    marks: Box<[AtomicU64]>,
}

/// What was looked at: a promotion by one of its codes (or none), for a customer (or nobody), without one order's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Look {
    pub promotion: PromotionId,
    pub code: Option<String>,
    pub user: Option<UserId>,
    pub except: OrderId,
}

/// The state of a promotion's rows that an entry was read in, or an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub all: u32,
    /// 0 without a code.
    pub of_code: u32,
    /// 0 without a customer.
    pub own: u32,
}

impl Look {
    /// Puts what was counted where a decision looks for it.
    pub fn tell(&self, counted: Counted, buyer: &mut Buyer) {
        buyer.all_uses.insert(self.promotion, counted.all);
        if let Some(code) = self.code.as_ref().filter(|code| !code.is_empty()) {
            buyer.code_uses.insert(code.clone(), counted.of_code);
        }
        if self.user.is_some() {
            buyer.own_uses.insert(self.promotion, counted.own);
        }
    }
}

impl Uses {
    pub fn new() -> Uses {
        let marks = (0..MARKS).map(|_| AtomicU64::new(0)).collect();
        Uses { known: Bounded::new(LOOKS), marks }
    }

    /// To be taken before the rows are read.
    pub fn mark(&self, promotion: PromotionId) -> Mark {
        Mark(self.mark_of(promotion).load(Ordering::Acquire))
    }

    pub fn get(&self, look: &Look) -> Option<Counted> {
        let (mark, counted) = self.known.get(look)?;
        (mark == self.mark(look.promotion)).then_some(counted)
    }

    pub fn put(&self, look: Look, mark: Mark, counted: Counted) {
        self.known.insert(look, (mark, counted), 1);
    }

    /// A use of this promotion was claimed or given back.
    pub fn touch(&self, promotion: PromotionId) {
        self.mark_of(promotion).fetch_add(1, Ordering::Release);
    }

    fn mark_of(&self, promotion: PromotionId) -> &AtomicU64 {
        &self.marks[promotion.0.unsigned_abs() as usize % MARKS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(promotion: i64, code: &str) -> Look {
        Look {
            promotion: PromotionId(promotion),
            code: Some(code.to_owned()),
            user: None,
            except: OrderId(0),
        }
    }

    #[test]
    fn an_entry_lasts_until_its_promotion_is_used() {
        let uses = Uses::new();
        let counted = Counted { all: 3, of_code: 2, own: 0 };
        uses.put(look(1, "a"), uses.mark(PromotionId(1)), counted);
        uses.touch(PromotionId(2));
        assert_eq!(uses.get(&look(1, "a")), Some(counted));
        assert_eq!(uses.get(&look(1, "b")), None);
        uses.touch(PromotionId(1));
        assert_eq!(uses.get(&look(1, "a")), None);
    }

    #[test]
    fn a_slow_reader_brings_nothing_old_back() {
        let uses = Uses::new();
        let before = uses.mark(PromotionId(1));
        uses.touch(PromotionId(1));
        uses.put(look(1, "a"), before, Counted { all: 0, of_code: 0, own: 0 });
        assert_eq!(uses.get(&look(1, "a")), None);
    }
}
