//! Times for people: local to the event, with the zone's short name. Pages in other languages will want others.

use domain::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Month and day on a small calendar leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub month: String,
    pub day: String,
}

/// `Sat 12 Jun 2027, 14:00 PDT`. An unknown zone is UTC; a moment out of range is no text.
pub fn moment(at: Time, zone: &str) -> String {
    text(at, zone, "%a %-d %b %Y, %H:%M %Z")
}

/// `Sat 12 Jun 2027`.
pub fn date(at: Time, zone: &str) -> String {
    text(at, zone, "%a %-d %b %Y")
}

/// `14:00 PDT`.
pub fn clock(at: Time, zone: &str) -> String {
    text(at, zone, "%H:%M %Z")
}

pub fn leaf(at: Time, zone: &str) -> Leaf {
    Leaf { month: text(at, zone, "%b"), day: text(at, zone, "%-d") }
}

fn text(at: Time, zone: &str, pattern: &str) -> String {
    local(at, zone).map(|local| local.strftime(pattern).to_string()).unwrap_or_default()
}

fn local(at: Time, zone: &str) -> Option<Zoned> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Some(Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_local_and_name_their_zone() {
        let at = Time(1_812_834_000_000);
        for (zone, expected) in [
            ("America/Los_Angeles", "Sat 12 Jun 2027, 14:00 PDT"),
            ("Europe/Berlin", "Sat 12 Jun 2027, 23:00 CEST"),
            ("Australia/Perth", "Sun 13 Jun 2027, 05:00 AWST"),
            ("", "Sat 12 Jun 2027, 21:00 UTC"),
            ("Nowhere/At_All", "Sat 12 Jun 2027, 21:00 UTC"),
        ] {
            assert_eq!(moment(at, zone), expected, "{zone}");
        }
        assert_eq!(leaf(at, "Australia/Perth"), Leaf { month: "Jun".into(), day: "13".into() });
        assert_eq!(moment(Time(i64::MAX), "UTC"), "");
    }
}
