//! How to pay, and the last look. No page of ours has a field for a card: whoever pays by card is sent to the page of
//! the platform behind the method, or stays in that platform's own frame.

use super::Read;
use crate::kit::Params;
use crate::pages::channel::{NAME, via};
use crate::pages::form::{Group, Item, Pick, Picks, Problem, Question, Recap};
use crate::pages::look::{Look, zone};
use crate::pages::show::place;
use crate::pages::turn::name_key;
use crate::pages::when;
use domain::PaymentMethodId;
use domain::catalog::{MethodKind, PaymentMethod};
use domain::channel::{ChannelKey, Step};
use domain::command::{Metadata, NewPayment, NewSource, StepData};
use domain::eligibility::may_be_offered;
use domain::money::Amount;
use domain::order::{CardDetails, Payment, PaymentState, ShippingRate};
use std::sync::Arc;

/// What a gateway is told instead of a card's token: the buyer pays on the platform's own page, so it answers with the
/// address of that page.
const HOSTED: &str = "hosted:action";

fn methods<'a>(look: &Look<'a>) -> Vec<&'a Arc<PaymentMethod>> {
    let channel = via(look.catalog);
    if !channel.currencies.contains(&look.order.currency) {
        return Vec::new();
    }
    let key = ChannelKey::new(NAME);
    let offered = |method: &&Arc<PaymentMethod>| {
        let chosen_by_buyers = !matches!(method.kind, MethodKind::StoreCredit | MethodKind::External);
        let shown = method.active && method.for_buyers && chosen_by_buyers && method.channels.show(&key);
        shown && may_be_offered(look.order, method, look.buyer, look.catalog, look.now)
    };
    let mut methods: Vec<&Arc<PaymentMethod>> =
        look.catalog.payment_methods.values().filter(offered).collect();
    methods.sort_by_key(|method| (method.position, method.id));
    methods
}

fn by_hand(method: &PaymentMethod) -> bool {
    method.kind == MethodKind::Manual
}

fn button(look: &Look<'_>, method: &PaymentMethod) -> String {
    let amount = look.money(due(look)).to_string();
    match by_hand(method) {
        true => look.lang().fill("go.by_hand", &[("amount", &amount), ("method", &method.name)]),
        false => look.lang().fill("go.pay", &[("amount", &amount)]),
    }
}

/// Whether there is a last look after this.
fn confirms(look: &Look<'_>) -> bool {
    via(look.catalog).flow.steps_at(look.order, look.catalog, look.now).contains(&Step::Confirm)
}

/// What the button does, where it places the order.
fn note(look: &Look<'_>, method: &PaymentMethod) -> String {
    match (confirms(look), by_hand(method)) {
        (true, _) => String::new(),
        (false, true) => look.say("go.by_hand_note").to_owned(),
        (false, false) => look.say("go.bank_note").to_owned(),
    }
}

/// What is still to be paid: the total, less what was sent already.
fn due(look: &Look<'_>) -> Amount {
    let sent = |payment: &&Payment| payment.state.is_live() && payment.state != PaymentState::Stored;
    let covered: Amount = look.order.payments.iter().filter(sent).map(Payment::covers).sum();
    look.order.total() - covered
}

pub fn ask(look: &Look<'_>) -> Question {
    let offered = methods(look);
    let kept = look.order.payments.iter().rfind(|payment| payment.state == PaymentState::Stored);
    let kept = kept.map(|payment| payment.method).or(offered.first().map(|method| method.id));
    let chosen = look.value("method", kept.map(|id| id.to_string()).unwrap_or_default());
    let pick = |method: &&Arc<PaymentMethod>| {
        let usual = if by_hand(method) { "payment.manual" } else { "payment.card" };
        let detail = if method.description.is_empty() { look.say(usual) } else { &method.description };
        Pick {
            value: method.id.to_string(),
            title: method.name.clone(),
            detail: detail.to_owned(),
            chosen: method.id.to_string() == chosen,
            button: button(look, method),
            note: note(look, method),
            ..Pick::default()
        }
    };
    let first = offered.iter().find(|method| method.id.to_string() == chosen).or(offered.first());
    let confirms = confirms(look);
    let pays = first.is_some_and(|method| !by_hand(method)) && !confirms;
    let picks = Picks {
        name: "method".to_owned(),
        legend: look.say("payment.legend").to_owned(),
        rows: offered.iter().map(pick).collect(),
        error: look.problem("method"),
        ..Picks::default()
    };
    let nothing = offered.is_empty();
    let item = if nothing { Item::Said(look.say("payment.none").to_owned()) } else { Item::Picks(picks) };
    let press = first.filter(|_| !confirms).map(|method| button(look, method)).unwrap_or_default();
    Question {
        heading: look.say("payment.heading").to_owned(),
        groups: vec![Group::plain(vec![item])],
        recap: recap(look),
        button: press,
        pays,
        note: first.map(|method| note(look, method)).unwrap_or_default(),
        stuck: nothing,
        ..Question::default()
    }
}

pub fn read(said: &Params, look: &Look<'_>) -> Result<Read, Vec<Problem>> {
    let wrong = || vec![Problem::new("method", look.say("problem.choose"))];
    let id = said.text("method").and_then(|text| text.trim().parse().ok()).map(PaymentMethodId);
    let method = methods(look).into_iter().find(|method| Some(method.id) == id).ok_or_else(wrong)?;
    let source = match method.kind {
        MethodKind::Card(_) => {
            NewSource::Card(CardDetails { token: HOSTED.to_owned(), ..CardDetails::default() })
        }
        // A platform sends the buyer to its own page anyway.
        _ => NewSource::None,
    };
    let payment = NewPayment { method: method.id, amount: None, source, metadata: Metadata::default() };
    Ok(Read { total: seen(said), ..Read::plain(StepData::Payments(vec![payment])) })
}

/// The total that the buyer saw, in minor units.
pub fn seen(said: &Params) -> Option<Amount> {
    said.text("total").and_then(|text| text.parse().ok()).map(Amount)
}

pub fn confirm(look: &Look<'_>) -> Question {
    let live = look.order.payments.iter().rfind(|payment| payment.state == PaymentState::Stored);
    let method = live.and_then(|payment| look.catalog.payment_methods.get(&payment.method));
    let amount = look.money(look.order.total()).to_string();
    let press = match method {
        Some(method) if look.order.total().is_positive() => button(look, method),
        _ => look.lang().fill("go.order_free", &[("amount", &amount)]),
    };
    let mut rows = recap(look);
    rows.extend(method.map(|method| Recap {
        label: look.say("recap.payment"),
        thing: look.say("step.payment"),
        said: method.name.clone(),
        change: Some(look.door.path("payment")),
    }));
    let pays = method.is_some_and(|method| !by_hand(method));
    Question {
        heading: look.say("confirm.heading").to_owned(),
        lead: look.say("confirm.lead").to_owned(),
        recap: rows,
        button: press,
        pays,
        note: look.say(if pays { "go.bank_note" } else { "go.confirm" }).to_owned(),
        ..Question::default()
    }
}

/// What was said before, in the order of checkout, each with a way to change it.
fn recap(look: &Look<'_>) -> Vec<Recap> {
    let order = look.order;
    let names: Vec<&str> =
        order.ticketing.tickets.iter().filter_map(|ticket| ticket.name.as_deref()).collect();
    let mut rates: Vec<String> = Vec::new();
    for rate in order.shipments.iter().filter_map(|shipment| shipment.selected_rate()) {
        let carried = way(look, rate);
        if !rates.contains(&carried) {
            rates.push(carried);
        }
    }
    let address = |address: &Option<domain::address::Address>| {
        address.as_ref().map(|address| place(address, &look.catalog.settings.geography)).unwrap_or_default()
    };
    let (bill, ship) = (address(&order.bill_address), address(&order.ship_address));
    let apart = bill != ship || ship.is_empty();
    let rows = [
        ("recap.email", order.email.clone().unwrap_or_default(), "cart", Step::Cart),
        ("recap.tickets", names.join(", "), "tickets", Step::Attendees),
        ("recap.ship", ship, "address", Step::Address),
        ("recap.bill", if apart { bill } else { String::new() }, "address", Step::Address),
        ("recap.delivery", rates.join(", "), "delivery", Step::Delivery),
    ];
    let listed = via(look.catalog).flow.steps_at(order, look.catalog, look.now);
    let row = |(label, said, page, step): (&'static str, String, &str, Step)| Recap {
        label: look.lang().say(label),
        thing: if step == Step::Cart { look.lang().say(label) } else { look.say(name_key(step)) },
        said,
        change: (step == Step::Cart || listed.contains(&step)).then(|| look.door.path(page)),
    };
    rows.into_iter().filter(|(_, said, ..)| !said.is_empty()).map(row).collect()
}

/// `Post, Mon 30 Nov – Wed 2 Dec`
fn way(look: &Look<'_>, rate: &ShippingRate) -> String {
    let method = look.catalog.shipping_methods.get(&rate.method);
    match method.and_then(|method| method.transit) {
        Some(transit) => {
            let days = when::arrival(look.lang(), look.now, zone(look.order, look.catalog), transit);
            format!("{}, {days}", rate.name)
        }
        None => rate.name.clone(),
    }
}
