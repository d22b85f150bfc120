//! The events of an order as a calendar file (RFC 5545), for whatever calendar the buyer keeps.
//!
//! Times are in UTC, which every calendar shows in the reader's own zone. What people typed is escaped, and lines are
//! folded between characters, so that no text can end its line and begin another property.

use super::places;
use domain::Time;
use domain::catalog::{Catalog, Event};
use domain::order::Order;
use std::collections::BTreeSet;

/// Longest line in bytes, without its end.
const LINE: usize = 75;

/// An entry for each event the order still has tickets for; `None` if there is none.
pub fn calendar(order: &Order, catalog: &Catalog) -> Option<String> {
    let issued = order.ticketing.tickets.iter().filter(|ticket| ticket.status.is_issued());
    let ids: BTreeSet<_> = issued.map(|ticket| ticket.event).collect();
    let events: Vec<&Event> =
        ids.iter().filter_map(|id| catalog.ticketing.events.get(id)).map(|event| &**event).collect();
    if events.is_empty() {
        return None;
    }
    let mut text = begun();
    for event in events {
        line(&mut text, "BEGIN:VEVENT");
        line(&mut text, &format!("UID:order-{}-event-{}@cashwrap", order.id, event.id));
        line(&mut text, &format!("DTSTAMP:{}", utc(order.completed_at.unwrap_or(order.updated_at))));
        line(&mut text, &format!("DTSTART:{}", utc(event.starts_at)));
        line(&mut text, &format!("DTEND:{}", utc(event.ends_at)));
        line(&mut text, &format!("SUMMARY:{}", escaped(&event.name)));
        let place = places(event, catalog);
        if !place.is_empty() {
            line(&mut text, &format!("LOCATION:{}", escaped(&place)));
        }
        line(&mut text, "END:VEVENT");
    }
    line(&mut text, "END:VCALENDAR");
    Some(text)
}

/// An entry for the moment a sale begins, with the address where the order goes on.
pub fn sale(order: &Order, from: Time, title: &str, address: &str) -> String {
    let mut text = begun();
    line(&mut text, "BEGIN:VEVENT");
    line(&mut text, &format!("UID:order-{}-sale@cashwrap", order.id));
    line(&mut text, &format!("DTSTAMP:{}", utc(order.updated_at)));
    line(&mut text, &format!("DTSTART:{}", utc(from)));
    line(&mut text, &format!("DTEND:{}", utc(from.plus_minutes(15))));
    line(&mut text, &format!("SUMMARY:{}", escaped(title)));
    // Addresses are percent-encoded already.
    line(&mut text, &format!("URL:{address}"));
    line(&mut text, "END:VEVENT");
    line(&mut text, "END:VCALENDAR");
    text
}

fn begun() -> String {
    let mut text = String::new();
    for property in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Cashwrap//Tickets//EN", "METHOD:PUBLISH"] {
        line(&mut text, property);
    }
    text
}

/// `20270612T210000Z`
fn utc(at: Time) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => safe.extend(['\\', letter]),
            '\n' => safe.push_str("\\n"),
            control if control.is_control() => {}
            plain => safe.push(plain),
        }
    }
    safe
}

/// One property; what is too long goes on in a line that begins with a space.
fn line(text: &mut String, property: &str) {
    let mut used = 0;
    for letter in property.chars() {
        if used + letter.len_utf8() > LINE {
            text.push_str("\r\n ");
            used = 1;
        }
        text.push(letter);
        used += letter.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_gets_out_of_its_line() {
        assert_eq!(escaped("a, b; c\\d\r\nEND:VEVENT"), "a\\, b\\; c\\\\d\\nEND:VEVENT");
        let mut text = String::new();
        line(&mut text, &format!("SUMMARY:{}", "ö".repeat(100)));
        assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
        let whole: String = text.split("\r\n ").collect();
        assert_eq!(whole.trim_end(), format!("SUMMARY:{}", "ö".repeat(100)));
    }

    #[test]
    fn times_are_in_utc() {
        assert_eq!(utc(Time(1_812_834_000_000)), "20270612T210000Z");
    }
}
