//! Headings and the sentence under them, for each place an order may stand at.

use super::State;
use crate::kit::format::display;
use crate::pages::when;
use domain::order::{Order, TicketStatus};

/// What the page of an order says first, in words that promise only what is known.
pub(super) fn of(state: State, order: &Order, zone: &str) -> (String, String) {
    let said = |heading: &str, lead: &str| (heading.to_owned(), lead.to_owned());
    match state {
        State::Open => said(
            "Your cart",
            "Nothing is charged yet. Go on where you began this order; what you typed there is kept.",
        ),
        State::Expired => said(
            "The hold ran out. Nothing you typed is lost.",
            "After a while we let others try for held tickets. Go back to where you began this order to see whether \
             yours are still there. Nothing was charged.",
        ),
        State::Processing => said(
            "Confirming your payment",
            "This usually takes a few seconds. Your tickets stay held meanwhile, and you pay only once.",
        ),
        State::Complete => thanks(order),
        State::Requested => said(
            "You are on the wait list",
            "We offer places in the order of the list. You have paid nothing, and hold nothing yet.",
        ),
        State::Reserved => {
            (reserved(order, zone), "You have paid nothing yet. Pay when sales begin.".to_owned())
        }
        State::Canceled => (
            "This order was cancelled".to_owned(),
            format!("{} {}", on_day(order, zone), money_back(order)).trim().to_owned(),
        ),
        State::Returned => ("This order was returned".to_owned(), money_back(order)),
    }
}

fn thanks(order: &Order) -> (String, String) {
    let name = first_name(order);
    let thanks = if name.is_empty() { "Thank you.".to_owned() } else { format!("Thank you, {name}.") };
    let going = order.ticketing.tickets.iter().any(|ticket| ticket.status.is_issued());
    let taken_back =
        !going && order.ticketing.tickets.iter().any(|ticket| ticket.status == TicketStatus::Invalidated);
    if going {
        return (
            format!("{thanks} You are going!"),
            "Your tickets are below. Keep this page, or take them with you as a PDF.".to_owned(),
        );
    }
    let about = match () {
        () if taken_back => "Your tickets were taken back",
        () if order.shipments.is_empty() => "Your order is complete",
        () => "Your order is on its way to you",
    };
    match taken_back {
        true => (about.to_owned(), money_back(order)),
        false => (
            format!("{thanks} {about}."),
            "Keep this page: it always shows where your order stands.".to_owned(),
        ),
    }
}

fn first_name(order: &Order) -> &str {
    let guest = order.ticketing.guest.first_name.trim();
    let address = order.bill_address.as_ref().and_then(|address| address.fields.given.as_deref());
    if guest.is_empty() { address.unwrap_or_default().trim() } else { guest }
}

fn reserved(order: &Order, zone: &str) -> String {
    match order.ticketing.can_checkout_at {
        Some(from) => format!("Reserved for you. Sales begin {}", when::moment(from, zone)),
        None => "Reserved for you".to_owned(),
    }
}

fn on_day(order: &Order, zone: &str) -> String {
    order.canceled_at.map(|at| format!("On {}.", when::date(at, zone))).unwrap_or_default()
}

/// What became of the money, as far as it is known.
fn money_back(order: &Order) -> String {
    let refunded = order.payments.iter().map(|payment| payment.refunded()).sum::<domain::money::Amount>();
    let kept = order.payment_total();
    let text = |amount| display(amount, order.currency);
    match (refunded.0 > 0, kept.0 > 0) {
        (true, true) => format!("{} was given back so far, {} not yet.", text(refunded), text(kept)),
        (true, false) => format!("{} was given back.", text(refunded)),
        (false, true) => format!("{} has not been given back yet.", text(kept)),
        (false, false) => "No money was kept.".to_owned(),
    }
}
