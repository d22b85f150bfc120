//! Tickets as cards: what it is for, when and where, and the code for the door.

use crate::pages::code::{Code, code};
use crate::pages::lang::Lang;
use crate::pages::{links, places, when};
use domain::catalog::Catalog;
use domain::order::{Order, Ticket, TicketStatus};

/// One ticket.
pub struct TicketCard {
    /// `Ticket 1 of 2 · Two-day pass`
    pub kind: String,
    pub event: String,
    pub holder: String,
    pub when: String,
    pub place: String,
    /// In groups of six.
    pub number: String,
    /// What the door sees; `None` for what opens none.
    pub code: Option<Code>,
    pub pdf: Option<String>,
    /// What is unusual about it.
    pub tag: Option<Tag>,
}

pub struct Tag {
    pub text: &'static str,
    pub class: &'static str,
}

pub fn cards(order: &Order, catalog: &Catalog, lang: Lang) -> Vec<TicketCard> {
    let mut tickets: Vec<&Ticket> =
        order.ticketing.tickets.iter().filter(|ticket| ticket.status != TicketStatus::Pending).collect();
    tickets.sort_by_key(|ticket| (!ticket.status.is_issued(), ticket.id));
    let count = tickets.len();
    tickets.into_iter().enumerate().map(|(at, ticket)| card(ticket, at + 1, count, catalog, lang)).collect()
}

fn card(ticket: &Ticket, nth: usize, count: usize, catalog: &Catalog, lang: Lang) -> TicketCard {
    let rows = &catalog.ticketing;
    let event = rows.events.get(&ticket.event);
    let kind = rows.ticket_types.get(&ticket.ticket_type);
    let kind = kind.map_or("", |kind| kind.display_name.as_deref().unwrap_or(&kind.name));
    let place_in_row = match count {
        0 | 1 => lang.say("ticket.plain").to_owned(),
        _ => lang.fill("tickets.ticket_of", &[("n", &nth.to_string()), ("of", &count.to_string())]),
    };
    let live = ticket.status.is_issued();
    TicketCard {
        kind: if kind.is_empty() { place_in_row } else { format!("{place_in_row} · {kind}") },
        event: event.map_or_else(|| lang.say("ticket.plain").to_owned(), |event| event.name.clone()),
        holder: ticket.name.clone().unwrap_or_default(),
        when: event.map(|event| when::moment(lang, event.starts_at, &event.timezone)).unwrap_or_default(),
        place: event.map(|event| places(event, catalog)).unwrap_or_default(),
        number: grouped(&ticket.number),
        code: live.then(|| code(&ticket.number)).flatten(),
        pdf: live.then(|| links::ticket("", ticket)),
        tag: tag(ticket.status, lang),
    }
}

fn tag(status: TicketStatus, lang: Lang) -> Option<Tag> {
    let (text, class) = match status {
        TicketStatus::Valid | TicketStatus::Pending => return None,
        TicketStatus::Redeemed => ("ticket.checked_in", "ok"),
        TicketStatus::Out => ("ticket.out", "ok"),
        TicketStatus::Invalidated => ("ticket.invalid", "bad"),
        TicketStatus::Transferred => ("ticket.passed_on", "warn"),
    };
    Some(Tag { text: lang.say(text), class })
}

/// `7hQ2vK d9TxRm 4bWc8Z pLs3Yn`
fn grouped(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    letters.chunks(6).map(|six| six.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
