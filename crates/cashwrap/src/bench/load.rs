//! Load on a server: many shoppers at once, for a while, measured in a window that begins after a warm-up.
//!
//! *Closed*: each caller begins its next journey when the last has ended; shows what the server can do.
//! *Open*: journeys arrive at a fixed rate whatever the server does, and each is measured from the moment it was
//! due, not from when a caller was free; shows what shoppers would feel. Arrivals that never got a caller are
//! counted and enter the figures with the time they had waited: leaving them out would flatter a slow server.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::client::{Conn, Target};
use super::probe::Sample;
use super::stats::Stats;
use super::walk::{Basket, Cause, Purchase, Speech, Step, Stumble, Walk};

/// Pause of a caller whose request got no answer, so that a dead server is not hammered.
const BREATH: Duration = Duration::from_millis(10);

/// Shoppers of one kind, told apart by their number.
pub trait Shoppers: std::fmt::Debug + Send + Sync + 'static {
    /// Names of the steps of a whole journey, in order; each is one request.
    fn steps(&self) -> Vec<&'static str>;

    /// Walks the whole way of the `n`th shopper and tells `laps` of each step that succeeded.
    fn walk(&self, conn: &mut Conn, n: u64, laps: &mut Laps)
    -> impl Future<Output = Result<(), Stop>> + Send;
}

/// Why a journey ended early, in words that name the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The server answered, but not as hoped.
    Answered(String),
    /// No answer arrived.
    Unanswered(String),
}

impl From<Stumble> for Stop {
    fn from(stumble: Stumble) -> Stop {
        let words = stumble.to_string();
        match stumble.cause {
            Cause::Unanswered(_) => Stop::Unanswered(words),
            Cause::Refused { .. } | Cause::Odd(_) => Stop::Answered(words),
        }
    }
}

/// A journey's stopwatch.
#[derive(Debug)]
pub struct Laps {
    due: Instant,
    begun: Instant,
    aside: Duration,
    times: Vec<Duration>,
}

impl Laps {
    /// Starts: the first step, and the whole journey, are measured from `due`.
    pub fn new(due: Instant) -> Self {
        Self { due, begun: due, aside: Duration::ZERO, times: Vec::new() }
    }

    /// A step succeeded; the next begins.
    pub fn step(&mut self) {
        let now = Instant::now();
        self.times.push(now - self.begun);
        self.begun = now;
    }

    /// What was done since the last step is no part of the journey.
    pub fn forget(&mut self) {
        let now = Instant::now();
        self.aside += now - self.begun;
        self.begun = now;
    }

    /// The steps' times, and the time of all of them.
    fn finish(self) -> (Vec<Duration>, Duration) {
        (self.times, self.due.elapsed().saturating_sub(self.aside))
    }
}

/// How new journeys begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// When the caller is free.
    Closed,
    /// So many each second.
    Open { per_second: f64 },
}

/// One measurement.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    /// How journeys begin.
    pub pace: Pace,
    /// Callers, each with its own connection: the most journeys under way.
    pub callers: u32,
    /// Time before anything is recorded.
    pub warm_up: Duration,
    /// Time that is recorded.
    pub window: Duration,
}

/// What came out.
#[derive(Debug)]
pub struct Outcome {
    /// Times and errors.
    pub stats: Stats,
    /// Length of the window; in open pace until the last journey that belongs to it ended.
    pub elapsed: Duration,
    /// The server's counters at the beginning and end of the window.
    pub samples: [Sample; 2],
}

/// When journeys are due.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    begin: Instant,
    per_second: f64,
}

impl Schedule {
    /// When journey `n` (from 0) is due; computed from the beginning each time, so that it never drifts.
    pub fn due(&self, n: u64) -> Instant {
        self.begin + Duration::from_secs_f64(n as f64 / self.per_second)
    }

    /// How many journeys are due within `span`.
    pub fn count(&self, span: Duration) -> u64 {
        (span.as_secs_f64() * self.per_second).round() as u64
    }
}

/// What all shoppers have in common.
#[derive(Debug)]
pub struct Crowd {
    /// The APIs they speak, or the accounts they have there: the shoppers take turns.
    pub speeches: Vec<Speech>,
    /// Variants to choose from, at least one.
    pub variants: Vec<i64>,
    /// JSON of the address.
    pub address: Arc<str>,
    /// Body of the payment request.
    pub payment: Bytes,
}

impl Crowd {
    /// The `n`th shopper; consecutive shoppers buy different pairs of variants.
    pub fn shopper(&self, n: u64) -> Purchase {
        let count = self.variants.len().max(1) as u64;
        let first = n % count;
        let second = (first + 1 + (n / count) % (count - 1).max(1)) % count;
        // Both are below `count`; an empty crowd buys variant 0, which no shop has.
        let variant = |index: u64| self.variants.get(index as usize).copied().unwrap_or_default();
        Purchase {
            speech: self.speeches[n as usize % self.speeches.len()].clone(),
            basket: Basket::PieceByPiece([variant(first), variant(second)]),
            email: format!("bench-{}@example.com", letters(n)),
            address: Arc::clone(&self.address),
            payment: self.payment.clone(),
        }
    }
}

impl Shoppers for Crowd {
    fn steps(&self) -> Vec<&'static str> {
        Step::PIECE_BY_PIECE.map(Step::name).to_vec()
    }

    async fn walk(&self, conn: &mut Conn, n: u64, laps: &mut Laps) -> Result<(), Stop> {
        let mut walk = Walk::new(self.shopper(n));
        for step in walk.steps() {
            walk.perform(conn, *step).await?;
            laps.step();
        }
        Ok(())
    }
}

/// A number in letters: among many millions of shoppers, digits would now and then spell a card number, which the
/// server refuses.
pub fn letters(n: u64) -> String {
    (0..16)
        .rev()
        .map(|digit| char::from(b'a' + (n >> (4 * digit) & 15) as u8))
        .skip_while(|c| *c == 'a')
        .collect()
}

#[derive(Debug)]
struct Shared<S> {
    shoppers: Arc<S>,
    /// `None` outside the measured window.
    stats: Mutex<Option<Stats>>,
    next: AtomicU64,
    stop: AtomicBool,
}

impl<S> Shared<S> {
    fn record(&self, add: impl FnOnce(&mut Stats)) {
        // A poisoned lock means a caller panicked; its numbers up to then are still right.
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stats) = stats.as_mut() {
            add(stats);
        }
    }

    fn swap(&self, stats: Option<Stats>) -> Option<Stats> {
        std::mem::replace(&mut *self.stats.lock().unwrap_or_else(PoisonError::into_inner), stats)
    }
}

/// Runs one measurement. `pid` is the server's, if it may be looked at; shopper numbers begin at `first`, so that
/// several measurements have different shoppers.
pub async fn measure<S: Shoppers>(
    target: &Target,
    pid: Option<u32>,
    shoppers: Arc<S>,
    level: Level,
    first: u64,
) -> anyhow::Result<Outcome> {
    let steps = shoppers.steps();
    let shared = Arc::new(Shared {
        shoppers,
        stats: Mutex::new(None),
        next: AtomicU64::new(0),
        stop: AtomicBool::new(false),
    });
    let mut connections = Vec::new();
    for _ in 0..level.callers.max(1) {
        let mut conn = Conn::new(target);
        conn.open().await?;
        connections.push(conn);
    }
    let mut watch = Conn::new(target);
    let begin = Instant::now();
    let mut callers = JoinSet::new();
    for conn in connections {
        let shared = Arc::clone(&shared);
        match level.pace {
            Pace::Closed => callers.spawn(closed(conn, shared, first)),
            Pace::Open { per_second } => {
                callers.spawn(open(conn, shared, first, Schedule { begin, per_second }, level))
            }
        };
    }
    sleep_until(begin + level.warm_up).await;
    let before = Sample::take(pid, &mut watch).await;
    let opened = Instant::now();
    shared.swap(Some(Stats::new(steps)));
    if level.pace == Pace::Closed {
        sleep_until(opened + level.window).await;
    } else {
        while callers.join_next().await.is_some() {}
    }
    let stats = shared.swap(None);
    let elapsed = opened.elapsed();
    let after = Sample::take(pid, &mut watch).await;
    shared.stop.store(true, Ordering::Relaxed);
    while callers.join_next().await.is_some() {}
    Ok(Outcome { stats: stats.unwrap_or_else(|| Stats::new([])), elapsed, samples: [before, after] })
}

async fn closed<S: Shoppers>(mut conn: Conn, shared: Arc<Shared<S>>, first: u64) {
    while !shared.stop.load(Ordering::Relaxed) {
        let n = shared.next.fetch_add(1, Ordering::Relaxed);
        let begun = Instant::now();
        let (steps, outcome) = journey(&mut conn, &*shared.shoppers, first + n, begun).await;
        shared.record(|stats| stats.add(&steps, outcome));
    }
}

async fn open<S: Shoppers>(
    mut conn: Conn,
    shared: Arc<Shared<S>>,
    first: u64,
    schedule: Schedule,
    level: Level,
) {
    let warm = schedule.count(level.warm_up);
    let last = warm + schedule.count(level.window);
    let end = schedule.due(last);
    // Whoever is still waiting one window later counts as never served.
    let patience = end + level.window;
    loop {
        let n = shared.next.fetch_add(1, Ordering::Relaxed);
        if n >= last {
            return;
        }
        let due = schedule.due(n);
        sleep_until(due).await;
        if Instant::now() > patience {
            shared.record(|stats| stats.add_unserved(due.elapsed()));
            continue;
        }
        let (steps, outcome) = journey(&mut conn, &*shared.shoppers, first + n, due).await;
        if n >= warm {
            shared.record(|stats| stats.add(&steps, outcome));
        }
    }
}

/// One journey, its first step and its whole measured from `due`.
async fn journey<S: Shoppers>(
    conn: &mut Conn,
    shoppers: &S,
    n: u64,
    due: Instant,
) -> (Vec<Duration>, Result<Duration, String>) {
    let mut laps = Laps::new(due);
    let ended = shoppers.walk(conn, n, &mut laps).await;
    let (times, whole) = laps.finish();
    match ended {
        Ok(()) => (times, Ok(whole)),
        Err(Stop::Answered(words)) => (times, Err(words)),
        Err(Stop::Unanswered(words)) => {
            sleep(BREATH).await;
            (times, Err(words))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::fake::{Fake, Flaw};

    fn crowd(variants: &[i64]) -> Crowd {
        Crowd {
            speeches: vec![Speech::Solidus],
            variants: variants.to_vec(),
            address: "{}".into(),
            payment: Bytes::new(),
        }
    }

    fn pair(crowd: &Crowd, n: u64) -> [i64; 2] {
        match crowd.shopper(n).basket {
            Basket::PieceByPiece(pair) => pair,
            Basket::AtOnce(_) => panic!("a crowd fills its carts piece by piece"),
        }
    }

    #[tokio::test]
    async fn an_overwhelmed_server_shows_in_the_times() {
        let fake = Fake::start(Flaw::None).await;
        let mut crowd = crowd(&[1, 2, 3]);
        crowd.payment = Bytes::from_static(b"{}");
        let window = Duration::from_millis(100);
        // One caller cannot walk 20 000 journeys of nine requests each second.
        let pace = Pace::Open { per_second: 20_000.0 };
        let level = Level { pace, callers: 1, warm_up: Duration::ZERO, window };
        let stats = measure(&fake.target, None, Arc::new(crowd), level, 0).await.unwrap().stats;
        assert!(stats.unserved() > 0 && stats.errors() == 0, "{}", stats.error_list());
        assert_eq!(stats.journeys() + stats.unserved(), 2000);
        // The callers waited for up to two windows; a measure that begins when a caller is free would say 2 ms.
        assert!(stats.whole().quantile_us(0.99) > 95_000, "{}", stats.table());
    }

    #[test]
    fn arrivals_do_not_drift() {
        let begin = Instant::now();
        let schedule = Schedule { begin, per_second: 300.0 };
        let offset = |n| schedule.due(n) - begin;
        assert_eq!(offset(0), Duration::ZERO);
        assert!(offset(3).abs_diff(Duration::from_millis(10)) < Duration::from_micros(1));
        assert!(offset(3_000_000).abs_diff(Duration::from_secs(10_000)) < Duration::from_micros(1));
        assert_eq!(schedule.count(Duration::from_secs(10)), 3000);
        assert_eq!(Schedule { begin, per_second: 0.5 }.count(Duration::from_secs(10)), 5);
    }

    #[tokio::test]
    async fn what_is_set_aside_counts_nowhere() {
        let aside = Duration::from_millis(50);
        let begun = Instant::now();
        let mut laps = Laps::new(begun);
        laps.step();
        sleep(aside).await;
        laps.forget();
        laps.step();
        let (times, whole) = laps.finish();
        assert_eq!(times.len(), 2);
        assert!(times.iter().sum::<Duration>() <= whole && whole + aside <= begun.elapsed());
    }

    #[test]
    fn shoppers_spread_over_all_pairs() {
        let three = crowd(&[10, 20, 30]);
        let pairs: std::collections::BTreeSet<_> = (0..6).map(|n| pair(&three, n)).collect();
        assert_eq!(pairs.len(), 6);
        assert!(pairs.iter().all(|[first, second]| first != second));
        assert_eq!(pair(&crowd(&[10]), 5), [10, 10]);
        assert_eq!(pair(&crowd(&[]), 5), [0, 0]);
    }
}
