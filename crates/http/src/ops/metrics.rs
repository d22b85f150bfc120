//! Figures in Prometheus' text format: requests by class, method and status, their latencies, and the store's own.
//!
//! A class is the API that was asked, never a path: paths hold order numbers, and their count has no bound. Counting
//! takes a few atomic additions and no lock.

use super::Ops;
use crate::server::{AnsweredBy, Mount};
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Upper ends of the latency buckets in microseconds; above the last there is only `+Inf`.
const BUCKETS_US: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OTHER"];
/// Statuses are counted one by one from 200 to 599.
const FIRST_STATUS: usize = 200;
const STATUSES: usize = 400;

/// One figure that somebody else counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub name: &'static str,
    pub help: &'static str,
    pub kind: FigureKind,
    pub value: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// Only goes up.
    Counter,
    Gauge,
}

impl FigureKind {
    fn name(self) -> &'static str {
        match self {
            FigureKind::Counter => "counter",
            FigureKind::Gauge => "gauge",
        }
    }
}

struct Class {
    name: String,
    /// By method, then by status.
    answered: Vec<AtomicU64>,
    buckets: [AtomicU64; BUCKETS_US.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

impl Class {
    fn new(name: &str) -> Class {
        Class {
            name: name.to_owned(),
            answered: (0..METHODS.len() * STATUSES).map(|_| AtomicU64::new(0)).collect(),
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            count: AtomicU64::new(0),
            sum_us: AtomicU64::new(0),
        }
    }

    fn note(&self, method: &Method, status: u16, took: Duration) {
        let method = METHODS.iter().position(|name| *name == method.as_str()).unwrap_or(METHODS.len() - 1);
        let status = usize::from(status).clamp(FIRST_STATUS, FIRST_STATUS + STATUSES - 1) - FIRST_STATUS;
        self.answered[method * STATUSES + status].fetch_add(1, Ordering::Relaxed);
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = BUCKETS_US.iter().position(|end| took_us <= *end) {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }
}

/// The counters of a server.
#[allow(missing_debug_implementations)] // holds a closure
pub struct Metrics {
    classes: Vec<Class>,
    others: Box<dyn Fn() -> Vec<Figure> + Send + Sync>,
}

impl Metrics {
    /// `classes` are the names of the APIs; requests of none of them count as `operator`. `others` reads figures of
    /// other rooms (the store's).
    pub fn new(classes: &[&str], others: impl Fn() -> Vec<Figure> + Send + Sync + 'static) -> Metrics {
        let classes = classes.iter().chain(&["operator"]).map(|name| Class::new(name)).collect();
        Metrics { classes, others: Box::new(others) }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for figure in (self.others)() {
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n",
                figure.name,
                figure.help,
                figure.kind.name(),
                figure.value
            );
        }
        text.push_str(
            "# HELP cashwrap_requests_total Requests answered.\n# TYPE cashwrap_requests_total counter\n",
        );
        for class in &self.classes {
            for (position, count) in class.answered.iter().enumerate() {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let (method, status) = (METHODS[position / STATUSES], FIRST_STATUS + position % STATUSES);
                    let name = &class.name;
                    let _ = writeln!(
                        text,
                        "cashwrap_requests_total{{class=\"{name}\",method=\"{method}\",status=\"{status}\"}} {count}"
                    );
                }
            }
        }
        text.push_str(
            "# HELP cashwrap_request_seconds Time from the request's head to the answer's head.\n\
             # TYPE cashwrap_request_seconds histogram\n",
        );
        for class in self.classes.iter().filter(|class| class.count.load(Ordering::Relaxed) > 0) {
            histogram(&mut text, class);
        }
        text
    }
}

fn histogram(text: &mut String, class: &Class) {
    let (name, mut below) = (&class.name, 0);
    for (end, count) in BUCKETS_US.iter().zip(&class.buckets) {
        below += count.load(Ordering::Relaxed);
        let end = seconds(*end);
        let _ = writeln!(text, "cashwrap_request_seconds_bucket{{class=\"{name}\",le=\"{end}\"}} {below}");
    }
    // A request may be counted between two reads; the total is never below its parts.
    let count = class.count.load(Ordering::Relaxed).max(below);
    let sum = seconds(class.sum_us.load(Ordering::Relaxed));
    let _ = writeln!(text, "cashwrap_request_seconds_bucket{{class=\"{name}\",le=\"+Inf\"}} {count}");
    let _ = writeln!(text, "cashwrap_request_seconds_sum{{class=\"{name}\"}} {sum}");
    let _ = writeln!(text, "cashwrap_request_seconds_count{{class=\"{name}\"}} {count}");
}

/// Microseconds as a decimal number of seconds, exactly.
fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Which paths belong to which class.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Classes {
    /// Longest root first, so that an API at `/` takes only what is left.
    roots: Arc<[(String, usize)]>,
    metrics: Arc<Metrics>,
}

impl Classes {
    pub fn of(mounts: &[Mount], metrics: Arc<Metrics>) -> Classes {
        let class = |mount: &Mount| metrics.classes.iter().position(|class| class.name == mount.api.name);
        // What an API answers at the server's own root says so itself.
        let rooted = mounts.iter().filter(|mount| !mount.root.is_empty());
        let mut roots: Vec<_> =
            rooted.filter_map(|mount| Some((mount.root.clone(), class(mount)?))).collect();
        roots.sort_by_key(|(root, _)| std::cmp::Reverse(root.len()));
        Classes { roots: roots.into(), metrics }
    }

    fn class(&self, path: &str, answered: Option<&AnsweredBy>) -> &Class {
        let named = answered.and_then(|by| self.metrics.classes.iter().find(|class| class.name == by.0));
        if let Some(class) = named {
            return class;
        }
        let inside =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let found = self.roots.iter().find(|(root, _)| inside(root)).map(|(_, class)| *class);
        // The last class is the operator's own; there always is one.
        &self.metrics.classes[found.unwrap_or(self.metrics.classes.len() - 1)]
    }
}

pub async fn measure(State(classes): State<Classes>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let answered = response.extensions().get::<AnsweredBy>();
    classes.class(&path, answered).note(&method, response.status().as_u16(), begun.elapsed());
    response
}

pub async fn show(State(ops): State<Ops>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], ops.metrics.text()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_plain_decimals() {
        let cases = [(0, "0"), (1_000, "0.001"), (2_500_000, "2.5"), (10_000_000, "10"), (1, "0.000001")];
        for (us, text) in cases {
            assert_eq!(seconds(us), text);
        }
    }

    #[test]
    fn the_text_counts_requests_and_shows_other_figures() {
        let figure = Figure {
            name: "cashwrap_store_syncs_total",
            help: "Syncs.",
            kind: FigureKind::Counter,
            value: 7,
        };
        let metrics = Metrics::new(&["solidus"], move || vec![figure.clone()]);
        metrics.classes[0].note(&Method::GET, 200, Duration::from_micros(1_500));
        metrics.classes[0].note(&Method::GET, 200, Duration::from_secs(60));
        metrics.classes[0].note(&Method::POST, 422, Duration::from_micros(1));
        let text = metrics.text();
        for line in [
            "# TYPE cashwrap_store_syncs_total counter",
            "cashwrap_store_syncs_total 7",
            "cashwrap_requests_total{class=\"solidus\",method=\"GET\",status=\"200\"} 2",
            "cashwrap_requests_total{class=\"solidus\",method=\"POST\",status=\"422\"} 1",
            "cashwrap_request_seconds_bucket{class=\"solidus\",le=\"0.001\"} 1",
            "cashwrap_request_seconds_bucket{class=\"solidus\",le=\"0.0025\"} 2",
            "cashwrap_request_seconds_bucket{class=\"solidus\",le=\"10\"} 2",
            "cashwrap_request_seconds_bucket{class=\"solidus\",le=\"+Inf\"} 3",
            "cashwrap_request_seconds_sum{class=\"solidus\"} 60.001501",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("operator"), "a class without requests is left out");
    }
}
