//! What was measured: one histogram per step, one for the whole journey, and the errors by their words.
//!
//! Times are microseconds in HDR histograms with two significant digits, so a quantile is right within 1 %.
//! A failed journey leaves its finished steps in their histograms, but no total: a refusal must never make the
//! figures look better. Quantiles are never averaged; histograms are merged or kept apart.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use hdrhistogram::Histogram;

/// Longest time told apart, in microseconds; longer ones are recorded as this.
const LONGEST_US: u64 = 10 * 60 * 1_000_000;

/// Lines of the error list that are printed; the rest is summed up.
const ERRORS_SHOWN: usize = 8;

/// Times of one kind of step.
#[derive(Debug, Clone)]
pub struct Times(Histogram<u64>);

impl Times {
    fn new() -> Self {
        // The bounds are constants that the histogram accepts: 1 <= low, 2 * low <= high, digits <= 5.
        let histogram = Histogram::new_with_bounds(1, LONGEST_US, 2);
        Self(histogram.unwrap_or_else(|_| unreachable!("constant histogram bounds are valid")))
    }

    /// Adds one observation.
    pub fn add(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST_US);
        self.0.saturating_record(micros.clamp(1, LONGEST_US));
    }

    /// Number of observations.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time, in microseconds, that `share` (0–1) of the observations did not exceed; 0 when there are none.
    pub fn quantile_us(&self, share: f64) -> u64 {
        if self.0.is_empty() { 0 } else { self.0.value_at_quantile(share) }
    }
}

/// Everything recorded in one measured window.
#[derive(Debug, Clone)]
pub struct Stats {
    steps: Vec<(&'static str, Times)>,
    journey: Times,
    errors: BTreeMap<String, u64>,
    unserved: u64,
}

impl Stats {
    /// Empty statistics for steps of these names, in this order.
    pub fn new(steps: impl IntoIterator<Item = &'static str>) -> Self {
        let steps = steps.into_iter().map(|name| (name, Times::new())).collect();
        Self { steps, journey: Times::new(), errors: BTreeMap::new(), unserved: 0 }
    }

    /// Records one journey: the times of the steps it finished, in order, and how it ended.
    pub fn add(&mut self, steps: &[Duration], outcome: Result<Duration, String>) {
        for ((_, times), took) in self.steps.iter_mut().zip(steps) {
            times.add(*took);
        }
        match outcome {
            Ok(whole) => self.journey.add(whole),
            Err(error) => *self.errors.entry(error).or_default() += 1,
        }
    }

    /// Records a journey that was due but never begun: its waiting counts among the times, it does not count as
    /// a journey.
    pub fn add_unserved(&mut self, waited: Duration) {
        self.journey.add(waited);
        self.unserved += 1;
    }

    /// Journeys that ended well.
    pub fn journeys(&self) -> u64 {
        self.journey.count() - self.unserved
    }

    /// Journeys that were due but never begun.
    pub fn unserved(&self) -> u64 {
        self.unserved
    }

    /// Steps that were answered as hoped.
    pub fn requests(&self) -> u64 {
        self.steps.iter().map(|(_, times)| times.count()).sum()
    }

    /// Journeys that did not.
    pub fn errors(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Times of whole journeys.
    pub fn whole(&self) -> &Times {
        &self.journey
    }

    /// The table of times: one row per step, then the whole journey, in milliseconds.
    pub fn table(&self) -> String {
        let mut text = format!(
            "  {:<12} {:>9} {:>10} {:>10} {:>10} {:>10}\n",
            "step", "count", "p50 ms", "p99 ms", "p99.9 ms", "max ms"
        );
        let whole = std::iter::once(("journey", &self.journey));
        for (name, times) in self.steps.iter().map(|(name, times)| (*name, times)).chain(whole) {
            let ms = |share| millis(times.quantile_us(share));
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "  {name:<12} {:>9} {:>10} {:>10} {:>10} {:>10}",
                times.count(),
                ms(0.5),
                ms(0.99),
                ms(0.999),
                ms(1.0)
            );
        }
        text
    }

    /// The list of errors, the most frequent first; empty when there were none.
    pub fn error_list(&self) -> String {
        error_list(&self.errors)
    }
}

/// Prints counted errors, the most frequent first, at most a handful of them.
pub fn error_list(errors: &BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<_> = errors.iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let mut text = String::new();
    for (error, count) in sorted.iter().take(ERRORS_SHOWN) {
        let _ = writeln!(text, "  {count:>9} x {error}");
    }
    let others: u64 = sorted.iter().skip(ERRORS_SHOWN).map(|(_, count)| **count).sum();
    if others > 0 {
        let _ = writeln!(text, "  {others:>9} x other errors");
    }
    text
}

/// Microseconds as milliseconds with two decimals.
pub fn millis(micros: u64) -> String {
    format!("{}.{:02}", micros / 1000, micros % 1000 / 10)
}

/// `count` per second over `elapsed`, for people: one decimal below 100, none above.
pub fn per_second(count: u64, elapsed: Duration) -> String {
    let rate = count as f64 / elapsed.as_secs_f64().max(1e-9);
    if rate < 100.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn table_shows_each_step_and_the_whole() {
        let mut stats = Stats::new(["create", "complete"]);
        for n in 1..=100 {
            stats.add(&[ms(1), ms(n)], Ok(ms(n + 1)));
        }
        stats.add(&[ms(1)], Err("complete: 422 insufficient_stock".into()));
        let table = stats.table();
        let lines: Vec<_> =
            table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines[0], "step count p50 ms p99 ms p99.9 ms max ms");
        assert_eq!(lines[1], "create 101 1.00 1.00 1.00 1.00");
        assert!(lines[2].starts_with("complete 100 50."), "{table}");
        assert!(lines[3].starts_with("journey 100 51."), "{table}");
        assert_eq!(table.lines().map(str::len).collect::<std::collections::BTreeSet<_>>().len(), 1);
        assert_eq!((stats.journeys(), stats.requests(), stats.errors()), (100, 201, 1));
        assert_eq!(stats.error_list().trim(), "1 x complete: 422 insufficient_stock");
    }

    #[test]
    fn quantiles_are_within_one_percent_and_never_leave_the_bounds() {
        let mut times = Times::new();
        assert_eq!(times.quantile_us(0.99), 0);
        for n in 1..=1000 {
            times.add(ms(n));
        }
        let p99 = times.quantile_us(0.99);
        assert!((980_000..=1_000_000).contains(&p99), "{p99}");
        times.add(Duration::from_secs(3600));
        assert!(times.quantile_us(1.0).abs_diff(LONGEST_US) <= LONGEST_US / 100);
    }

    #[test]
    fn waiting_in_vain_counts_in_the_times_only() {
        let mut stats = Stats::new(["create"]);
        stats.add(&[ms(1)], Ok(ms(1)));
        stats.add_unserved(ms(9_000));
        assert_eq!((stats.journeys(), stats.unserved(), stats.errors()), (1, 1, 0));
        assert!(stats.whole().quantile_us(1.0) > 8_900_000);
    }

    #[test]
    fn long_error_lists_are_cut() {
        let errors = (0..12u64).map(|n| (format!("error {n:02}"), n + 1)).collect();
        let text = error_list(&errors);
        assert!(text.starts_with("         12 x error 11\n"), "{text}");
        assert!(text.ends_with("         10 x other errors\n"), "{text}");
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(millis(12_345), "12.34");
        assert_eq!(millis(50), "0.05");
        assert_eq!(per_second(30, Duration::from_secs(4)), "7.5");
        assert_eq!(per_second(20_000, Duration::from_secs(10)), "2000");
    }
}
