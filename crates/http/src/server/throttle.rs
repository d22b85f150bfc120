//! How many requests one address may make in a minute.
//!
//! Counted in the memory of this process, in windows that begin with an address's first request: a bound against
//! runaway scripts, not against a crowd. It counts in real time, so a pushed clock frees nobody.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Length of a window.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses after which windows that are over are forgotten.
const TIDY_AT: usize = 10_000;

/// A bound on requests; without one, everything passes.
#[derive(Debug, Default)]
pub struct Throttle {
    per_minute: Option<u32>,
    windows: Mutex<HashMap<IpAddr, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    count: u32,
}

impl Throttle {
    /// No bound.
    pub fn off() -> Throttle {
        Throttle::default()
    }

    pub fn per_minute(count: u32) -> Throttle {
        Throttle { per_minute: Some(count), ..Throttle::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// The seconds to wait, at least 1, if there were too many.
    pub fn admit(&self, from: IpAddr) -> Result<(), u64> {
        self.admit_at(from, Instant::now())
    }

    fn admit_at(&self, from: IpAddr, now: Instant) -> Result<(), u64> {
        let Some(most) = self.per_minute else { return Ok(()) };
        let over = |window: &Window| now.duration_since(window.since) >= WINDOW;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= TIDY_AT {
            windows.retain(|_, window| !over(window));
        }
        let window = windows.entry(from).or_insert(Window { since: now, count: 0 });
        if over(window) {
            *window = Window { since: now, count: 0 };
        }
        if window.count >= most {
            let left = WINDOW.saturating_sub(now.duration_since(window.since));
            return Err(left.as_secs().max(1));
        }
        window.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn each_address_has_its_own_minute() {
        let throttle = Throttle::per_minute(2);
        let (one, other) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv4Addr::BROADCAST));
        let start = Instant::now();
        assert_eq!(throttle.admit_at(one, start), Ok(()));
        assert_eq!(throttle.admit_at(one, start), Ok(()));
        assert_eq!(throttle.admit_at(one, start + Duration::from_secs(20)), Err(40));
        assert_eq!(throttle.admit_at(other, start), Ok(()));
        assert_eq!(throttle.admit_at(one, start + WINDOW), Ok(()));
    }

    #[test]
    fn without_a_bound_everything_passes() {
        let throttle = Throttle::off();
        assert!((0..1000).all(|_| throttle.admit(IpAddr::from(Ipv4Addr::LOCALHOST)).is_ok()));
    }
}
