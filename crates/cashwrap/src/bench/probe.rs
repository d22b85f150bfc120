//! What an order costs the server: processor time, bytes written and syncs, read from outside it.
//!
//! Processor time and bytes come from `/proc/<pid>` of the server alone: with PostgreSQL the database's share is
//! not in them. Syncs come from the server's own `/metrics`. Whatever cannot be read is shown as `n/a`, never as 0.

use std::path::PathBuf;
use std::time::Duration;

use hyper::Method;

use super::client::{Caller, Conn};
use super::stats::per_second;

/// Clock ticks of `/proc/<pid>/stat` per second: 100 on every Linux (`USER_HZ` is part of its ABI).
const TICKS_PER_SECOND: u64 = 100;

/// The server's counter of database syncs; all label sets are added up.
const SYNCS: &str = "cashwrap_store_syncs_total";

/// The server's counter of commits.
const COMMITS: &str = "cashwrap_store_commits_total";

/// Counters at one moment; each only ever grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    cpu_us: Option<u64>,
    written: Option<u64>,
    commits: Option<u64>,
    syncs: Option<u64>,
}

impl Sample {
    /// Reads all counters that can be read now.
    pub async fn take(pid: Option<u32>, conn: &mut Conn) -> Self {
        let read = |name: &str| {
            let path: PathBuf = ["/proc", &pid?.to_string(), name].iter().collect();
            std::fs::read_to_string(path).ok()
        };
        let metrics = conn.call(Method::GET, "/metrics", Caller::Anonymous, "").await.ok();
        let metrics = metrics.filter(|answer| answer.status == 200);
        let metrics = metrics.map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
        let read_counter = |name| metrics.as_deref().and_then(|text| counter(text, name));
        Self {
            cpu_us: read("stat").as_deref().and_then(cpu_us),
            written: read("io").as_deref().and_then(written),
            commits: read_counter(COMMITS),
            syncs: read_counter(SYNCS),
        }
    }

    /// One line: what each of `orders` cost between `self` and `later`.
    pub fn cost_line(&self, later: &Self, orders: u64) -> String {
        self.cost_of(later, orders, "order")
    }

    /// One line: what each of `count` things of this name cost between `self` and `later`.
    pub fn cost_of(&self, later: &Self, count: u64, thing: &str) -> String {
        let each = |begin: Option<u64>, end: Option<u64>| -> Option<f64> {
            (count > 0).then_some(end?.checked_sub(begin?)? as f64 / count as f64)
        };
        let show = |value: Option<f64>, digits: usize| match value {
            Some(value) => format!("{value:.digits$}"),
            None => "n/a".to_owned(),
        };
        format!(
            "  server per {thing}: CPU {} us, written {} bytes, syncs {}",
            show(each(self.cpu_us, later.cpu_us), 0),
            show(each(self.written, later.written), 0),
            show(each(self.syncs, later.syncs), 3),
        )
    }

    /// One line: the store's counters at both moments, as the server gives them, and what they grew by a second.
    pub fn store_line(&self, later: &Self, elapsed: Duration) -> String {
        let show = |value: Option<u64>| value.map_or_else(|| "n/a".to_owned(), |value| value.to_string());
        let pair = |begin: Option<u64>, end: Option<u64>| {
            let grown = end.zip(begin).and_then(|(end, begin)| end.checked_sub(begin));
            let rate = grown.map_or_else(|| "n/a".to_owned(), |grown| per_second(grown, elapsed));
            format!("{} -> {} ({rate}/s)", show(begin), show(end))
        };
        let (commits, syncs) = (pair(self.commits, later.commits), pair(self.syncs, later.syncs));
        format!("  store: commits {commits}, syncs {syncs}")
    }
}

/// User and system time from `/proc/<pid>/stat`, in microseconds. The second field is the program's name in
/// parentheses and may hold spaces and parentheses itself, so counting begins behind the last one.
fn cpu_us(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * (1_000_000 / TICKS_PER_SECOND))
}

/// Bytes the server caused to be written to a disk, from `/proc/<pid>/io`.
fn written(io: &str) -> Option<u64> {
    io.lines().find_map(|line| line.strip_prefix("write_bytes:"))?.trim().parse().ok()
}

/// Sum of a counter over all its label sets in Prometheus text form; `None` when it does not occur.
fn counter(metrics: &str, name: &str) -> Option<u64> {
    let values = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        if !rest.starts_with(['{', ' ']) {
            return None;
        }
        rest.rsplit(' ').next()?.parse::<f64>().ok()
    });
    values.fold(None, |sum, value| Some(sum.unwrap_or(0) + value as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_proc_and_metrics() {
        let stat = "42 (cash (wrap) x) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 9 0 1 2";
        assert_eq!(cpu_us(stat), Some(3_000_000));
        assert_eq!(cpu_us("42"), None);
        assert_eq!(written("rchar: 1\nwrite_bytes: 8192\ncancelled_write_bytes: 3\n"), Some(8192));
        let text = "# TYPE cashwrap_store_syncs_total counter\ncashwrap_store_syncs_total{file=\"wal\"} 7\n\
                    cashwrap_store_syncs_total{file=\"db\"} 2\ncashwrap_store_syncs_total_created 5\n";
        assert_eq!(counter(text, SYNCS), Some(9));
        assert_eq!(counter("other 3\n", SYNCS), None);
    }

    #[test]
    fn missing_figures_are_not_zero() {
        let begin = Sample { cpu_us: Some(1_000), written: Some(10), commits: Some(7), syncs: None };
        let end = Sample { cpu_us: Some(5_000), written: Some(50), commits: Some(7), syncs: Some(4) };
        assert_eq!(begin.cost_line(&end, 10), "  server per order: CPU 400 us, written 4 bytes, syncs n/a");
        assert!(begin.cost_line(&end, 0).contains("CPU n/a"));
        let line = begin.store_line(&end, Duration::from_secs(2));
        assert_eq!(line, "  store: commits 7 -> 7 (0.0/s), syncs n/a -> 4 (n/a/s)");
    }

    #[test]
    fn own_process_can_be_read() {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        assert!(cpu_us(&stat).is_some());
    }
}
