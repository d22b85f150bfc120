//! Clocks: the real one, and one that tests push forward.
//!
//! Only stored deadlines follow these clocks. Request timeouts and gateway delays are always real time.

use crate::ports::Clock;
use domain::Time;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        // A machine whose clock is before 1970 reads as 1970.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that runs as another one does, some time ahead of it. It never goes back.
#[allow(missing_debug_implementations)] // holds a trait object
pub struct ShiftClock {
    base: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
    latest_ms: AtomicI64,
}

impl ShiftClock {
    pub fn new(base: Arc<dyn Clock>) -> ShiftClock {
        ShiftClock { base, ahead_ms: AtomicI64::new(0), latest_ms: AtomicI64::new(i64::MIN) }
    }

    /// Pushes the clock forward; 0 only reads it. Answers with the new time.
    pub fn advance_seconds(&self, seconds: u32) -> Time {
        self.ahead_ms.fetch_add(i64::from(seconds) * 1000, Ordering::SeqCst);
        self.now()
    }
}

impl Clock for ShiftClock {
    fn now(&self) -> Time {
        let time = self.base.now().0.saturating_add(self.ahead_ms.load(Ordering::SeqCst));
        Time(self.latest_ms.fetch_max(time, Ordering::SeqCst).max(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scripted(AtomicI64);

    impl Clock for Scripted {
        fn now(&self) -> Time {
            Time(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn it_runs_ahead_by_what_it_was_pushed() {
        let clock = ShiftClock::new(Arc::new(Scripted(AtomicI64::new(5_000))));
        assert_eq!(clock.now(), Time(5_000));
        assert_eq!(clock.advance_seconds(901), Time(906_000));
        assert_eq!(clock.advance_seconds(0), Time(906_000));
    }

    #[test]
    fn it_never_goes_back_even_if_the_machine_does() {
        let base = Arc::new(Scripted(AtomicI64::new(5_000)));
        let clock = ShiftClock::new(base.clone());
        assert_eq!(clock.now(), Time(5_000));
        base.0.store(1_000, Ordering::SeqCst);
        assert_eq!(clock.now(), Time(5_000));
        base.0.store(6_000, Ordering::SeqCst);
        assert_eq!(clock.now(), Time(6_000));
    }
}
