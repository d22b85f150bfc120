//! New ids from durable blocks.
//!
//! A block is reserved in the store before the first id of it is given out, so no id is ever given twice, not
//! even after a crash; what is left of a block then is a gap. A decision is pure and may not wait: if a block
//! runs out under it, it gets made-up ids, is thrown away, and is made again when a new block has come.

use crate::limits;
use crate::ports::{Store, StoreError};
use domain::{IdKind, Ids};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

const KINDS: usize = IdKind::ALL.len();

/// Half-open range of reserved ids.
#[derive(Debug, Clone, Copy, Default)]
struct Range {
    next: i64,
    end: i64,
}

impl Range {
    fn left(self) -> i64 {
        self.end - self.next
    }
}

/// The current range and the one that follows it.
#[derive(Debug, Default)]
struct Ranges {
    current: Range,
    spare: Range,
}

impl Ranges {
    /// `None`: neither range holds that many.
    fn take(&mut self, count: i64) -> Option<i64> {
        if self.current.left() < count {
            if self.spare.left() < count {
                return None;
            }
            // A large demand goes to the spare alone while the current range still serves the small ones.
            if self.current.left() < self.spare.left() - count {
                self.current = std::mem::take(&mut self.spare);
            } else {
                let first = self.spare.next;
                self.spare.next += count;
                return Some(first);
            }
        }
        let first = self.current.next;
        self.current.next += count;
        Some(first)
    }

    fn put(&mut self, range: Range) {
        if self.current.left() == 0 {
            self.current = std::mem::take(&mut self.spare);
        }
        if self.spare.left() < range.left() {
            self.spare = range;
        }
    }
}

/// The blocks of all kinds. Shared by all decisions of a process.
#[allow(missing_debug_implementations)] // holds a trait object
pub struct IdBlocks {
    store: Arc<dyn Store>,
    ranges: [Mutex<Ranges>; KINDS],
    /// One refill at a time for each kind.
    refilling: [tokio::sync::Mutex<()>; KINDS],
    /// A bit for each kind that runs low.
    low: AtomicU64,
}

/// Ids for one decision. If `short` says so afterwards, ids were made up: throw the decision away.
#[allow(missing_debug_implementations)] // holds a trait object
pub struct Draw<'a> {
    blocks: &'a IdBlocks,
    /// Ids set aside for this decision alone, after it was short of them.
    own: Mutex<Vec<(IdKind, Range)>>,
    /// How many ids were drawn so far, by kind.
    drawn: [AtomicI64; KINDS],
    /// A bit for each kind that ran out.
    short: AtomicU64,
    made_up: AtomicI64,
}

/// How many ids of a kind are reserved at once. Busy kinds: a second's worth of orders at a few thousand orders a
/// second. Units are drawn in runs. The catalogue grows by hand. A restart a minute for a century uses up less
/// than 2^42 of 2^53 units.
fn block_size(kind: IdKind) -> i64 {
    match kind {
        IdKind::Unit => 65_536,
        IdKind::Order
        | IdKind::Line
        | IdKind::Address
        | IdKind::Shipment
        | IdKind::ShippingRate
        | IdKind::Payment
        | IdKind::Card
        | IdKind::Adjustment
        | IdKind::StockMovement => 4_096,
        IdKind::Return | IdKind::User | IdKind::Credit | IdKind::Variant | IdKind::StockItem => 256,
        _ => 32,
    }
}

impl IdBlocks {
    pub fn new(store: Arc<dyn Store>) -> IdBlocks {
        IdBlocks {
            store,
            ranges: std::array::from_fn(|_| Mutex::default()),
            refilling: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            // Everything: the first decision, or `top_up` before it, fills all blocks.
            low: AtomicU64::new(u64::MAX),
        }
    }

    /// Ids for one decision.
    pub fn draw(&self) -> Draw<'_> {
        self.draw_with(Vec::new())
    }

    fn draw_with(&self, own: Vec<(IdKind, Range)>) -> Draw<'_> {
        Draw {
            blocks: self,
            own: Mutex::new(own),
            drawn: std::array::from_fn(|_| AtomicI64::new(0)),
            short: AtomicU64::new(0),
            made_up: AtomicI64::new(i64::MIN / 2),
        }
    }

    /// Sets aside what a draw was short of, and begins the draw anew. The same decision will not be short again.
    pub async fn cover(&self, short: &[(IdKind, i64)]) -> Result<Draw<'_>, StoreError> {
        let mut own = Vec::with_capacity(short.len());
        for (kind, count) in short {
            own.push((*kind, self.set_aside(*kind, *count).await?));
        }
        Ok(self.draw_with(own))
    }

    /// Whether a kind runs low; says so once for each time.
    pub fn runs_low(&self) -> bool {
        self.low.load(Ordering::Relaxed) != 0
    }

    /// Reserves ahead for the kinds that run low, so that decisions need not wait. Best effort: a failure here
    /// comes up again, with an answer, when the block is empty.
    pub async fn top_up(&self) {
        let low = self.low.swap(0, Ordering::Relaxed);
        for kind in IdKind::ALL {
            if low & (1 << kind as u64) == 0 {
                continue;
            }
            let _one = self.refilling[kind as usize].lock().await;
            if self.ranges[kind as usize].lock().spare.left() > 0 {
                continue;
            }
            match self.fetch(kind, block_size(kind)).await {
                Ok(range) => self.ranges[kind as usize].lock().put(range),
                Err(error) => tracing::warn!(?kind, %error, "no ids could be reserved ahead"),
            }
        }
    }

    async fn set_aside(&self, kind: IdKind, count: i64) -> Result<Range, StoreError> {
        let _one = self.refilling[kind as usize].lock().await;
        // Whoever waited here may find what the one before fetched.
        if let Some(first) = self.ranges[kind as usize].lock().take(count) {
            return Ok(Range { next: first, end: first + count });
        }
        let fetched = self.fetch(kind, count.saturating_add(block_size(kind))).await?;
        let own = Range { next: fetched.next, end: fetched.next + count };
        self.ranges[kind as usize].lock().put(Range { next: own.end, end: fetched.end });
        Ok(own)
    }

    async fn fetch(&self, kind: IdKind, count: i64) -> Result<Range, StoreError> {
        let first = self.store.id_block(kind, count).await?;
        match first.checked_add(count) {
            Some(end) if end <= limits::LARGEST_ID => Ok(Range { next: first, end }),
            _ => Err(StoreError(format!("the ids of kind {kind:?} are used up"))),
        }
    }

    fn take(&self, kind: IdKind, count: i64) -> Option<i64> {
        let mut ranges = self.ranges[kind as usize].lock();
        let first = ranges.take(count)?;
        if ranges.spare.left() == 0 && ranges.current.left() < block_size(kind) / 4 {
            self.low.fetch_or(1 << kind as u64, Ordering::Relaxed);
        }
        Some(first)
    }
}

impl Draw<'_> {
    /// The kinds that ran out, with all that was drawn of them; empty if all ids are real.
    pub fn short(&self) -> Vec<(IdKind, i64)> {
        let short = self.short.load(Ordering::Relaxed);
        let ran_out = IdKind::ALL.into_iter().filter(|kind| short & (1 << *kind as u64) != 0);
        ran_out.map(|kind| (kind, self.drawn[kind as usize].load(Ordering::Relaxed))).collect()
    }

    fn take_own(&self, kind: IdKind, count: i64) -> Option<i64> {
        let mut own = self.own.lock();
        let (_, range) = own.iter_mut().find(|(owned, range)| *owned == kind && range.left() >= count)?;
        let first = range.next;
        range.next += count;
        Some(first)
    }
}

impl Ids for Draw<'_> {
    fn take(&self, kind: IdKind, count: u32) -> i64 {
        let count = i64::from(count);
        self.drawn[kind as usize].fetch_add(count, Ordering::Relaxed);
        self.take_own(kind, count).or_else(|| self.blocks.take(kind, count)).unwrap_or_else(|| {
            self.short.fetch_or(1 << kind as u64, Ordering::Relaxed);
            self.made_up.fetch_add(count, Ordering::Relaxed)
        })
    }
}

/// Ids for a decision that is never kept: 1, 2, 3 … across all kinds, or beginning far below zero.
#[derive(Debug)]
pub struct ScratchIds(AtomicI64);

impl Default for ScratchIds {
    fn default() -> Self {
        ScratchIds(AtomicI64::new(1))
    }
}

/// Where ids of previews begin: so far below zero that no list of commands comes up to it.
const BELOW_ZERO: i64 = -1_000_000_000_000;

impl ScratchIds {
    /// Ids that nothing kept can have.
    pub fn below_zero() -> ScratchIds {
        ScratchIds(AtomicI64::new(BELOW_ZERO))
    }
}

impl Ids for ScratchIds {
    fn take(&self, _kind: IdKind, count: u32) -> i64 {
        self.0.fetch_add(i64::from(count), Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counters;
    use std::collections::HashSet;

    fn blocks() -> (Arc<IdBlocks>, Arc<Counters>) {
        let store = Arc::new(Counters::default());
        (Arc::new(IdBlocks::new(store.clone())), store)
    }

    /// What a decision does: draw, and begin again if ids were made up.
    async fn decide(blocks: &IdBlocks, counts: &[(IdKind, u32)]) -> Vec<(IdKind, i64, i64)> {
        let mut draw = blocks.draw();
        for _ in 0..limits::ID_ROUNDS {
            let taken = counts.iter().map(|(kind, n)| (*kind, draw.take(*kind, *n), i64::from(*n))).collect();
            let short = draw.short();
            if short.is_empty() {
                return taken;
            }
            draw = blocks.cover(&short).await.expect("the store is up");
        }
        panic!("still short after {} rounds", limits::ID_ROUNDS);
    }

    #[tokio::test]
    async fn an_empty_block_is_noticed_and_covered_in_one_round() {
        let (blocks, _) = blocks();
        let first = blocks.draw();
        assert!(first.take(IdKind::Order, 1) < 0, "made up");
        first.take(IdKind::Unit, 3);
        first.take(IdKind::Unit, 4);
        assert_eq!(first.short(), [(IdKind::Order, 1), (IdKind::Unit, 7)]);
        let second = blocks.cover(&first.short()).await.expect("the store is up");
        assert!(second.take(IdKind::Order, 1) > 0);
        let unit = second.take(IdKind::Unit, 3);
        assert_eq!(second.take(IdKind::Unit, 4), unit + 3);
        assert!(second.short().is_empty());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_id_is_ever_given_twice() {
        let (blocks, _) = blocks();
        let mut tasks = Vec::new();
        for n in 0..64u32 {
            let blocks = Arc::clone(&blocks);
            tasks.push(tokio::spawn(async move {
                let mut taken = Vec::new();
                for round in 0..50 {
                    let units = if (n + round) % 13 == 0 { 70_000 } else { 1 + n % 5 };
                    taken.extend(decide(&blocks, &[(IdKind::Order, 1), (IdKind::Unit, units)]).await);
                    if blocks.runs_low() {
                        blocks.top_up().await;
                    }
                }
                taken
            }));
        }
        let mut all: Vec<(IdKind, i64, i64)> = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("no task fails"));
        }
        all.sort_by_key(|(kind, first, _)| (*kind as usize, *first));
        for pair in all.windows(2) {
            let [(kind, first, count), (next_kind, next, _)] = pair else { unreachable!() };
            assert!(*first > 0);
            assert!(kind != next_kind || first + count <= *next, "{kind:?} {first}+{count} overlaps {next}");
        }
        assert_eq!(all.len(), 2 * 64 * 50);
    }

    #[tokio::test]
    async fn a_restart_skips_what_was_reserved() {
        let (blocks, store) = blocks();
        let before = decide(&blocks, &[(IdKind::Order, 1)]).await;
        let after = decide(&IdBlocks::new(store), &[(IdKind::Order, 1)]).await;
        assert!(after[0].1 > before[0].1);
    }

    #[tokio::test]
    async fn ids_that_javascript_cannot_read_are_refused() {
        let (blocks, store) = blocks();
        store.set(IdKind::Order, limits::LARGEST_ID - 10);
        assert!(blocks.cover(&[(IdKind::Order, 1)]).await.is_err());
    }

    #[test]
    fn scratch_ids_do_not_repeat() {
        let ids = ScratchIds::default();
        let taken: HashSet<i64> = (0..100).map(|n| ids.take(IdKind::ALL[n % KINDS], 2)).collect();
        assert_eq!(taken.len(), 100);
    }
}
