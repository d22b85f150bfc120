//! When a delivery that did not arrive is tried again: soon at first, then every hour, and a day after its first try for
//! the last time.

use crate::limits::DELIVERY_GIVE_UP_SECONDS;
use domain::Time;

/// Seconds after the first, second … try; the last one is repeated.
const PAUSES: [i64; 7] = [5, 30, 120, 300, 900, 1_800, 3_600];

/// The time of the next try after `tries` of them; `None`: that was the last one.
pub(super) fn next_try(first_try_at: Time, tries: u32, now: Time) -> Option<Time> {
    let end = first_try_at.plus_seconds(DELIVERY_GIVE_UP_SECONDS);
    if now >= end {
        return None;
    }
    let at = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    Some(now.plus_seconds(PAUSES[at]).min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_spaced_out_over_a_day_and_end_with_it() {
        let first = Time(1_000_000);
        let (mut now, mut tries, mut waits) = (first, 1, Vec::new());
        while let Some(next) = next_try(first, tries, now) {
            assert!(next > now);
            waits.push((next.0 - now.0) / 1000);
            (now, tries) = (next, tries + 1);
            assert!(tries < 100, "it ends");
        }
        assert_eq!(waits[..8], [5, 30, 120, 300, 900, 1_800, 3_600, 3_600]);
        assert_eq!(now, first.plus_seconds(24 * 60 * 60), "the last try is at the very end");
        assert_eq!(tries, 31);
    }

    #[test]
    fn a_long_pause_of_the_program_does_not_end_it_unheard() {
        let first = Time(0);
        let late = first.plus_seconds(48 * 60 * 60);
        assert_eq!(next_try(first, 2, late), None);
        assert_eq!(next_try(late, 1, late), Some(late.plus_seconds(5)), "the day begins with the first try");
    }
}
