//! Headings and the sentence under them, for each place an order that is over may stand at.

use super::State;
use crate::pages::lang::Lang;
use crate::pages::money::Money;
use crate::pages::when;
use domain::order::{Order, TicketStatus};

/// What the page of an order says first, in words that promise only what is known. `number`: its place on the wait list.
pub(super) fn of(
    state: State,
    order: &Order,
    zone: &str,
    number: Option<u64>,
    lang: Lang,
) -> (String, String) {
    let said =
        |heading: &'static str, lead: &'static str| (lang.say(heading).to_owned(), lang.say(lead).to_owned());
    match state {
        State::Complete => thanks(order, lang),
        State::Requested => match number {
            Some(n) => {
                (lang.number("final.requested_number", n), lang.say("final.requested_lead").to_owned())
            }
            None => said("final.requested", "final.requested_lead"),
        },
        State::Reserved => match order.ticketing.can_checkout_at {
            Some(from) => {
                let time = when::bound(&when::moment(lang, from, zone));
                (
                    lang.fill("final.reserved_from", &[("time", &time)]),
                    lang.say("final.reserved_lead").to_owned(),
                )
            }
            None => said("final.reserved", "final.reserved_lead"),
        },
        State::Canceled => {
            let on = order
                .canceled_at
                .map(|at| lang.fill("final.cancelled_on", &[("date", &when::date(lang, at, zone))]));
            let lead = format!("{} {}", on.unwrap_or_default(), money_back(order, lang));
            (lang.say("final.cancelled").to_owned(), lead.trim().to_owned())
        }
        State::Returned => (lang.say("final.returned").to_owned(), money_back(order, lang)),
    }
}

fn thanks(order: &Order, lang: Lang) -> (String, String) {
    let name = first_name(order);
    let thanks = match name {
        "" => lang.say("final.thanks").to_owned(),
        name => lang.fill("final.thanks_name", &[("name", name)]),
    };
    let status =
        |wanted: fn(TicketStatus) -> bool| order.ticketing.tickets.iter().any(|ticket| wanted(ticket.status));
    if status(TicketStatus::is_issued) {
        return (format!("{thanks} {}", lang.say("final.going")), lang.say("final.going_lead").to_owned());
    }
    if status(|status| status == TicketStatus::Invalidated) {
        return (lang.say("final.taken_back").to_owned(), money_back(order, lang));
    }
    let about = if order.shipments.is_empty() { "final.complete" } else { "final.on_its_way" };
    (format!("{thanks} {}", lang.say(about)), lang.say("final.keep_page").to_owned())
}

fn first_name(order: &Order) -> &str {
    let guest = order.ticketing.guest.first_name.trim();
    let address = order.bill_address.as_ref().and_then(|address| address.fields.given.as_deref());
    if guest.is_empty() { address.unwrap_or_default().trim() } else { guest }
}

/// What became of the money, as far as it is known.
fn money_back(order: &Order, lang: Lang) -> String {
    let refunded = order.payments.iter().map(|payment| payment.refunded()).sum::<domain::money::Amount>();
    let kept = order.payment_total();
    let text = |amount| Money { amount, currency: order.currency, lang }.to_string();
    let key = match (refunded.0 > 0, kept.0 > 0) {
        (true, true) => "final.back_both",
        (true, false) => "final.back_all",
        (false, true) => "final.back_none",
        (false, false) => "final.nothing_kept",
    };
    lang.fill(key, &[("back", &text(refunded)), ("kept", &text(kept))])
}
