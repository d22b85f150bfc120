//! What the page of an order that is over says: complete, waiting, reserved, cancelled, returned. Pure: order, catalogue
//! and time in, texts out. Its lines and price sheet stand beside every other page too.

mod lines;
mod sheet;
mod side;
mod tickets;
mod wait;
mod words;

pub use lines::{LineRow, options, rows};
pub use sheet::sheet;
pub use side::Side;

use super::countries::Format;
use super::form::parts;
use super::lang::Lang;
use super::look::zone;
use super::visit::Door;
use super::{Shell, links, storefront, tickets as files, when};
use askama::Template;
use domain::Time;
use domain::catalog::{Catalog, Geography};
use domain::order::{Order, Phase};
use domain::ticketing;
use tickets::TicketCard;

/// The page of an order that is over, or waits for somebody else.
#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderPage<'a> {
    shell: Shell<'a>,
    mark: Mark,
    heading: String,
    lead: String,
    tickets: Vec<TicketCard>,
    /// All tickets in one file.
    file: Option<String>,
    side: Side,
    next: Vec<Next>,
    /// What was said so far, of an order that is not complete.
    recap: Vec<(&'static str, String)>,
    /// A quiet way out, and what it is called.
    leave: Option<(String, &'static str)>,
}

/// The sign above the heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Done,
    /// Something waits for its time.
    Clock,
    /// Something was taken back.
    Over,
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
    Clock,
    Price,
}

impl<'a> OrderPage<'a> {
    /// `number`: its place on the wait list.
    pub fn new(
        order: &'a Order,
        catalog: &'a Catalog,
        now: Time,
        door: &Door,
        number: Option<u64>,
    ) -> OrderPage<'a> {
        let (state, lang) = (State::of(order), door.lang);
        let (heading, lead) = words::of(state, order, zone(order, catalog), number, lang);
        let shell = Shell::new(catalog, &heading).for_order(order, catalog, now, door, "");
        let leave = match state {
            State::Requested => Some((door.path("cancel"), lang.say("final.leave"))),
            State::Reserved => Some((door.path("cancel"), lang.say("final.unreserve"))),
            // A frame is closed, not led back to the page that it stands on.
            State::Canceled if !door.embedded => shop(catalog).map(|url| (url, lang.say("final.shop"))),
            _ => None,
        };
        OrderPage {
            shell,
            mark: mark(state),
            heading,
            lead,
            tickets: if order.is_placed() { tickets::cards(order, catalog, lang) } else { Vec::new() },
            file: files::has_file(order).then(|| links::all_tickets("", order)),
            side: Side::new(order, catalog, now, lang),
            next: match state {
                State::Requested | State::Reserved => wait::next(order, catalog, door),
                State::Complete | State::Canceled | State::Returned => next(order, catalog, now, lang),
            },
            recap: match state {
                State::Requested | State::Reserved => recap(order, catalog, lang),
                State::Complete | State::Canceled | State::Returned => Vec::new(),
            },
            leave,
        }
    }

    /// Whether the lines stand in the main part: on receipts they are beside it.
    fn shows_lines(&self) -> bool {
        self.tickets.is_empty()
    }

    fn parts<'t>(&self, text: &'t str) -> Vec<&'t str> {
        parts(text)
    }
}

/// Where the shop is that somebody came from.
fn shop(catalog: &Catalog) -> Option<String> {
    let url = storefront(catalog).map(|shop| shop.url.clone())?;
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Complete,
    Requested,
    Reserved,
    Canceled,
    Returned,
}

impl State {
    /// Of an order that has a page like this.
    fn of(order: &Order) -> State {
        match order.phase {
            Phase::Requested => State::Requested,
            Phase::Reserved => State::Reserved,
            Phase::Canceled | Phase::Voided => State::Canceled,
            Phase::Returned => State::Returned,
            _ => State::Complete,
        }
    }
}

fn mark(state: State) -> Mark {
    match state {
        State::Complete => Mark::Done,
        State::Requested | State::Reserved => Mark::Clock,
        State::Canceled | State::Returned => Mark::Over,
    }
}

fn next(order: &Order, catalog: &Catalog, now: Time, lang: Lang) -> Vec<Next> {
    let mut next = Vec::new();
    if !order.is_placed() || order.canceled_at.is_some() {
        return next;
    }
    let issued = order.ticketing.tickets.iter().filter(|ticket| ticket.status.is_issued());
    let events = issued.filter_map(|ticket| catalog.ticketing.events.get(&ticket.event));
    if let Some(first) = events.min_by_key(|event| event.starts_at) {
        let time = when::moment(lang, first.starts_at, &first.timezone);
        next.push(Next {
            icon: NextIcon::Calendar,
            title: lang.fill("final.begins", &[("time", &time)]),
            text: lang.say("final.door").to_owned(),
            link: Some((links::calendar("", order), lang.say("final.calendar"))),
        });
        next.push(Next {
            icon: NextIcon::Person,
            title: lang.say("final.others").to_owned(),
            text: lang.say("final.others_about").to_owned(),
            link: None,
        });
    }
    if let (Some(shipment), Some(address)) = (order.shipments.first(), &order.ship_address) {
        let method = shipment.selected_rate().map_or(lang.say("final.post"), |rate| rate.name.as_str());
        let sent = if shipment.shipped_at.is_some() { "final.sent" } else { "final.to_send" };
        let to = place(address, &catalog.settings.geography);
        let (title, text) = match arrival(order, catalog, now, lang) {
            Some(days) => (
                lang.fill("final.arrives", &[("days", &days)]),
                lang.fill("final.with_to", &[("method", method), ("address", &to)]),
            ),
            None => (lang.fill(sent, &[("method", method)]), lang.fill("final.to", &[("address", &to)])),
        };
        next.push(Next { icon: NextIcon::Parcel, title, text, link: None });
    }
    next
}

/// When the first parcel was to arrive, as long as it was not sent and may still come in time.
fn arrival(order: &Order, catalog: &Catalog, now: Time, lang: Lang) -> Option<String> {
    const DAY: i64 = 86_400_000;
    let shipment = order.shipments.first().filter(|shipment| shipment.shipped_at.is_none())?;
    let transit = catalog.shipping_methods.get(&shipment.selected_rate()?.method)?.transit?;
    let placed = order.completed_at?;
    // Each five business days are seven; the rest may wait for a weekend and a day to end.
    let longest = (i64::from(transit.most) * 7 / 5 + 4) * DAY;
    (now.0 < placed.0.saturating_add(longest))
        .then(|| when::arrival(lang, placed, zone(order, catalog), transit))
}

/// What was said so far, in the order of checkout.
pub fn recap(order: &Order, catalog: &Catalog, lang: Lang) -> Vec<(&'static str, String)> {
    let names: Vec<&str> =
        order.ticketing.tickets.iter().filter_map(|ticket| ticket.name.as_deref()).collect();
    let address = |address: &Option<domain::address::Address>| {
        address.as_ref().map(|address| place(address, &catalog.settings.geography)).unwrap_or_default()
    };
    let rates = order.shipments.iter().filter_map(|shipment| shipment.selected_rate());
    let rates: Vec<&str> = rates.map(|rate| rate.name.as_str()).collect();
    let codes: Vec<&str> = order.promotions.iter().filter_map(|applied| applied.code.as_deref()).collect();
    let all = [
        (lang.say("recap.email"), order.email.clone().unwrap_or_default()),
        (lang.say("recap.tickets"), names.join(", ")),
        (lang.say("recap.bill"), address(&order.bill_address)),
        (lang.say("recap.ship"), address(&order.ship_address)),
        (lang.say("recap.delivery"), rates.join(", ")),
        (lang.say("recap.code"), codes.join(", ")),
    ];
    all.into_iter().filter(|(_, said)| !said.is_empty()).collect()
}

/// An address in one line, in the order of its country.
pub fn place(address: &domain::address::Address, geography: &Geography) -> String {
    let fields = &address.fields;
    let country = fields.country.and_then(|id| geography.country(id));
    let order = country.map_or("", |country| Format::of(&country.alpha2).order);
    let state = fields.state.and_then(|id| geography.state(id)).map(|state| state.code.as_str());
    let code_first = order.find('Z') < order.find('C');
    let town = match (code_first, state) {
        (true, _) => format!("{} {}", fields.zipcode, fields.city),
        (false, Some(state)) => format!("{}, {state} {}", fields.city, fields.zipcode),
        (false, None) => format!("{} {}", fields.city, fields.zipcode),
    };
    let parts = [fields.name.as_str(), &fields.address1, town.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The choices of the order's checkout about how long offers stand, in hours.
pub fn offer_hours(order: &Order, catalog: &Catalog) -> u32 {
    ticketing::customization(order, catalog).map_or(24, |row| row.offer_hours)
}
