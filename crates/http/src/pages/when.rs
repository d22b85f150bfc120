//! Times for people: local to the event, with the zone's short name, in the words of their language.

use super::lang::Lang;
use domain::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Month and day on a small calendar leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub month: String,
    pub day: String,
}

const GERMAN_MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const GERMAN_DAYS: [&str; 7] = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"];

/// `Sat 12 Jun 2027, 14:00 PDT`; `Sa., 12. Juni 2027, 14:00 Uhr (PDT)`. An unknown zone is UTC; a moment out of range
/// is no text.
pub fn moment(lang: Lang, at: Time, zone: &str) -> String {
    let Some(local) = local(at, zone) else { return String::new() };
    match lang {
        Lang::En => local.strftime("%a %-d %b %Y, %H:%M %Z").to_string(),
        Lang::De => format!("{}, {}", german_date(&local), local.strftime("%H:%M Uhr (%Z)")),
    }
}

/// `Sat 12 Jun 2027`; `Sa., 12. Juni 2027`.
pub fn date(lang: Lang, at: Time, zone: &str) -> String {
    let Some(local) = local(at, zone) else { return String::new() };
    match lang {
        Lang::En => local.strftime("%a %-d %b %Y").to_string(),
        Lang::De => german_date(&local),
    }
}

/// `14:00 PDT`; `14:00 Uhr (PDT)`.
pub fn clock(lang: Lang, at: Time, zone: &str) -> String {
    let Some(local) = local(at, zone) else { return String::new() };
    let pattern = match lang {
        Lang::En => "%H:%M %Z",
        Lang::De => "%H:%M Uhr (%Z)",
    };
    local.strftime(pattern).to_string()
}

pub fn leaf(lang: Lang, at: Time, zone: &str) -> Leaf {
    let Some(local) = local(at, zone) else { return Leaf { month: String::new(), day: String::new() } };
    let month = match lang {
        Lang::En => local.strftime("%b").to_string(),
        Lang::De => german_month(&local).chars().take(3).collect(),
    };
    Leaf { month, day: local.day().to_string() }
}

fn german_month(local: &Zoned) -> &'static str {
    let month = usize::try_from(local.month()).unwrap_or(1);
    GERMAN_MONTHS.get(month.saturating_sub(1)).copied().unwrap_or_default()
}

fn german_date(local: &Zoned) -> String {
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    let day = GERMAN_DAYS.get(day).copied().unwrap_or_default();
    format!("{day}., {}. {} {}", local.day(), german_month(local), local.year())
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
        for (zone, english, german) in [
            ("America/Los_Angeles", "Sat 12 Jun 2027, 14:00 PDT", "Sa., 12. Juni 2027, 14:00 Uhr (PDT)"),
            ("Europe/Berlin", "Sat 12 Jun 2027, 23:00 CEST", "Sa., 12. Juni 2027, 23:00 Uhr (CEST)"),
            ("Australia/Perth", "Sun 13 Jun 2027, 05:00 AWST", "So., 13. Juni 2027, 05:00 Uhr (AWST)"),
            ("", "Sat 12 Jun 2027, 21:00 UTC", "Sa., 12. Juni 2027, 21:00 Uhr (UTC)"),
            ("Nowhere/At_All", "Sat 12 Jun 2027, 21:00 UTC", "Sa., 12. Juni 2027, 21:00 Uhr (UTC)"),
        ] {
            assert_eq!(moment(Lang::En, at, zone), english, "{zone}");
            assert_eq!(moment(Lang::De, at, zone), german, "{zone}");
        }
        let perth = |lang| leaf(lang, at, "Australia/Perth");
        assert_eq!(perth(Lang::En), Leaf { month: "Jun".into(), day: "13".into() });
        assert_eq!(perth(Lang::De), Leaf { month: "Jun".into(), day: "13".into() });
        assert_eq!(moment(Lang::En, Time(i64::MAX), "UTC"), "");
    }
}
