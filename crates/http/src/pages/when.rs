//! Times for people: local to the event, with the zone's short name, in the words of their language.

use super::lang::Lang;
use domain::Time;
use domain::catalog::TransitDays;
use jiff::civil::{Date, Weekday};
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
/// As they stand behind a weekday.
const GERMAN_SHORT_MONTHS: [&str; 12] =
    ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."];
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

/// A moment whose line ends at most behind its commas.
pub fn bound(moment: &str) -> String {
    moment.replace(' ', "\u{a0}").replace(",\u{a0}", ", ")
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

/// When something ordered at a moment arrives: `Mon 30 Nov – Wed 2 Dec`, or one day if there is only one;
/// `Mo., 30. Nov. – Mi., 2. Dez.` The day of the order is not counted. A line ends only around the dash.
pub fn arrival(lang: Lang, from: Time, zone: &str, transit: TransitDays) -> String {
    let day = |days| Some(short(lang, &business_days_after(&local(from, zone)?, days)?));
    let (Some(first), Some(last)) = (day(transit.least), day(transit.most)) else { return String::new() };
    if first == last { first } else { format!("{first} – {last}") }
}

/// So many days from Monday to Friday later.
fn business_days_after(from: &Zoned, days: u16) -> Option<Date> {
    let mut day = from.date();
    let mut left = days;
    let is_weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    while left > 0 || is_weekend(day) {
        day = day.tomorrow().ok()?;
        left = left.saturating_sub(u16::from(!is_weekend(day)));
    }
    Some(day)
}

fn short(lang: Lang, day: &Date) -> String {
    match lang {
        Lang::En => day.strftime("%a\u{a0}%-d\u{a0}%b").to_string(),
        Lang::De => {
            let at = |place: i8| usize::try_from(place).unwrap_or(0);
            let name = GERMAN_DAYS.get(at(day.weekday().to_monday_zero_offset())).copied();
            let month = GERMAN_SHORT_MONTHS.get(at(day.month()).saturating_sub(1)).copied();
            let (name, month) = (name.unwrap_or_default(), month.unwrap_or_default());
            format!("{name}.,\u{a0}{}.\u{a0}{month}", day.day())
        }
    }
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

    #[test]
    fn parcels_are_under_way_on_business_days() {
        // Friday, 27 November 2026, 23:30 UTC; in Sydney it is Saturday.
        let friday = Time(1_795_822_200_000);
        for (zone, least, most, english, german) in [
            ("", 1, 3, "Mon 30 Nov – Wed 2 Dec", "Mo., 30. Nov. – Mi., 2. Dez."),
            ("", 1, 1, "Mon 30 Nov", "Mo., 30. Nov."),
            ("", 0, 0, "Fri 27 Nov", "Fr., 27. Nov."),
            ("", 5, 70, "Fri 4 Dec – Fri 5 Mar", "Fr., 4. Dez. – Fr., 5. März"),
            ("Australia/Sydney", 0, 1, "Mon 30 Nov", "Mo., 30. Nov."),
        ] {
            let plain =
                |lang| arrival(lang, friday, zone, TransitDays { least, most }).replace('\u{a0}', " ");
            assert_eq!(plain(Lang::En), english, "{zone} {least} {most}");
            assert_eq!(plain(Lang::De), german, "{zone} {least} {most}");
        }
        assert_eq!(arrival(Lang::En, Time(i64::MAX), "", TransitDays { least: 1, most: 2 }), "");
    }
}
