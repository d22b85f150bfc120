//! What the page of an order says. Pure: order, catalogue and time in, texts out.

mod lines;
mod sheet;
mod tickets;
mod words;

use super::{Shell, links, tickets as files, when};
use askama::Template;
use domain::Time;
use domain::catalog::Catalog;
use domain::order::{AttemptState, Order, Phase, TicketStatus};
use domain::ticketing;
use lines::LineRow;
use sheet::{Money, Sheet};
use tickets::TicketCard;

/// The page of an order, wherever its checkout stands.
#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderPage<'a> {
    shell: Shell<'a>,
    embedded: bool,
    mark: Mark,
    heading: String,
    lead: String,
    /// A button, if there is something to do on this page.
    way_on: Option<WayOn>,
    tickets: Vec<TicketCard>,
    /// All tickets in one file.
    file: Option<String>,
    lines: Vec<LineRow>,
    sheet: Sheet,
    sheet_title: &'static str,
    hold: Option<String>,
    next: Vec<Next>,
    /// What was said so far, of an order that is not complete.
    recap: Vec<(&'static str, String)>,
}

/// The sign above the heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Done,
    /// Something runs, or waits for its time.
    Clock,
    /// Something ran out or was taken back.
    Over,
}

struct WayOn {
    text: &'static str,
    address: String,
    note: &'static str,
}

/// What happens next, or what is known beside.
struct Next {
    icon: NextIcon,
    title: String,
    text: String,
    /// Somewhere to go, and what it is called.
    link: Option<(String, &'static str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NextIcon {
    Calendar,
    Parcel,
    Person,
}

impl<'a> OrderPage<'a> {
    pub fn new(order: &'a Order, catalog: &'a Catalog, now: Time, embedded: bool) -> OrderPage<'a> {
        let state = State::of(order, now);
        let zone = zone(order, catalog);
        let (heading, lead) = words::of(state, order, zone);
        let custom = ticketing::customization(order, catalog);
        let shell = Shell {
            order: Some(&order.number),
            terms: custom.and_then(|row| row.terms_url.as_deref()).filter(|url| url.starts_with("https://")),
            ..Shell::new(catalog, &heading)
        };
        let complete = state == State::Complete;
        OrderPage {
            shell,
            embedded,
            mark: mark(state),
            heading,
            lead,
            way_on: way_on(state, order),
            tickets: if order.is_placed() { tickets::cards(order, catalog) } else { Vec::new() },
            file: files::has_file(order).then(|| links::all_tickets("", order)),
            lines: lines::rows(order, catalog),
            sheet: sheet::sheet(order, zone),
            sheet_title: if complete { "Receipt" } else { "Your order" },
            hold: hold(state, order, zone),
            next: next(order, catalog),
            recap: if order.is_placed() { Vec::new() } else { recap(order) },
        }
    }

    /// Whether the lines stand in the main part: on receipts they are beside it.
    fn shows_lines(&self) -> bool {
        self.tickets.is_empty()
    }
}

/// Where an order stands, as far as its page tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Expired,
    Processing,
    Complete,
    Requested,
    Reserved,
    Canceled,
    Returned,
}

impl State {
    /// The clock is the truth: an order past its time has run out, whether that was written or not.
    fn of(order: &Order, now: Time) -> State {
        match order.phase {
            _ if order.is_expired(now) => State::Expired,
            Phase::Cart | Phase::Checkout => State::Open,
            Phase::Expired | Phase::Abandoned => State::Expired,
            Phase::Placing => State::Processing,
            Phase::Complete(_) => State::Complete,
            Phase::Requested => State::Requested,
            Phase::Reserved => State::Reserved,
            Phase::Canceled | Phase::Voided => State::Canceled,
            Phase::Returned => State::Returned,
        }
    }
}

fn mark(state: State) -> Mark {
    match state {
        State::Open => Mark::None,
        State::Complete => Mark::Done,
        State::Processing | State::Requested | State::Reserved => Mark::Clock,
        State::Expired | State::Canceled | State::Returned => Mark::Over,
    }
}

/// The bank, if it wants to see the buyer; else a second look.
fn way_on(state: State, order: &Order) -> Option<WayOn> {
    if state != State::Processing {
        return None;
    }
    let bank =
        order.payments.iter().filter_map(|payment| payment.attempt.as_ref()).find_map(
            |attempt| match &attempt.state {
                AttemptState::ActionRequired { url } if url.starts_with("https://") => Some(url.clone()),
                _ => None,
            },
        );
    Some(match bank {
        Some(address) => WayOn {
            text: "Continue to the bank",
            address,
            note: "Your bank wants to know it is you. Your tickets stay held meanwhile.",
        },
        // An empty address is this page.
        None => WayOn { text: "Check again", address: String::new(), note: "You may close this page." },
    })
}

/// `Held until 12:58 PST`, for what runs out.
fn hold(state: State, order: &Order, zone: &str) -> Option<String> {
    let until = order.expires_at.filter(|_| state == State::Open)?;
    Some(when::clock(until, zone))
}

/// The zone of the first event; without one, none is known.
fn zone<'a>(order: &Order, catalog: &'a Catalog) -> &'a str {
    let events = &catalog.ticketing.events;
    let first = order.ticketing.tickets.iter().find_map(|ticket| events.get(&ticket.event));
    first.map_or("", |event| &event.timezone)
}

fn next(order: &Order, catalog: &Catalog) -> Vec<Next> {
    let mut next = Vec::new();
    if !order.is_placed() || order.canceled_at.is_some() {
        return next;
    }
    let admits = |status: TicketStatus| status.is_issued();
    let issued = order.ticketing.tickets.iter().filter(|ticket| admits(ticket.status));
    let events = issued.filter_map(|ticket| catalog.ticketing.events.get(&ticket.event));
    if let Some(first) = events.min_by_key(|event| event.starts_at) {
        next.push(Next {
            icon: NextIcon::Calendar,
            title: format!("Begins {}", when::moment(first.starts_at, &first.timezone)),
            text: "At the door, show the code on this page, in the PDF or on paper.".to_owned(),
            link: Some((links::calendar("", order), "Add to your calendar")),
        });
        next.push(Next {
            icon: NextIcon::Person,
            title: "Going with others?".to_owned(),
            text:
                "Each ticket has a PDF of its own that you can pass on. Each code lets one person in, once."
                    .to_owned(),
            link: None,
        });
    }
    if let (Some(shipment), Some(address)) = (order.shipments.first(), &order.ship_address) {
        let rate = shipment.selected_rate().map_or("post", |rate| rate.name.as_str());
        let sent = if shipment.shipped_at.is_some() { "On its way with" } else { "Delivery with" };
        next.push(Next {
            icon: NextIcon::Parcel,
            title: format!("{sent} {rate}"),
            text: format!("To {}", place(address)),
            link: None,
        });
    }
    next
}

/// What was said so far, in the order of checkout.
fn recap(order: &Order) -> Vec<(&'static str, String)> {
    let names: Vec<&str> =
        order.ticketing.tickets.iter().filter_map(|ticket| ticket.name.as_deref()).collect();
    let address =
        |address: &Option<domain::address::Address>| address.as_ref().map(place).unwrap_or_default();
    let rates = order.shipments.iter().filter_map(|shipment| shipment.selected_rate());
    let rates: Vec<&str> = rates.map(|rate| rate.name.as_str()).collect();
    let all = [
        ("E-mail", order.email.clone().unwrap_or_default()),
        ("Attendees", names.join(", ")),
        ("Bill to", address(&order.bill_address)),
        ("Ship to", address(&order.ship_address)),
        ("Delivery", rates.join(", ")),
    ];
    all.into_iter().filter(|(_, said)| !said.is_empty()).collect()
}

fn place(address: &domain::address::Address) -> String {
    let fields = &address.fields;
    let parts = [fields.name.as_str(), &fields.address1, &fields.zipcode, &fields.city];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
