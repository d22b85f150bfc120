//! How it gets there: one method for all parcels, offered if every parcel can go by it. What does not carry this order
//! comes last, with the reason.

use super::Read;
use crate::kit::Params;
use crate::pages::channel::via;
use crate::pages::form::{Group, Item, Pick, Picks, Question, Recap};
use crate::pages::look::{Look, zone};
use crate::pages::show::place;
use crate::pages::when;
use domain::ShippingMethodId;
use domain::VariantId;
use domain::catalog::ShippingMethod;
use domain::command::StepData;
use domain::money::Amount;
use domain::order::Order;
use domain::price::Obstacle;

/// Most ways that are shown although they do not carry this order.
const MOST_CLOSED: usize = 4;

/// A way that carries all parcels, and what it costs for all of them.
pub struct Way<'a> {
    pub method: ShippingMethodId,
    pub name: &'a str,
    pub cost: Amount,
}

/// What is offered, cheapest first.
pub fn offered(order: &Order) -> Vec<Way<'_>> {
    let shipments = &order.shipments;
    let mut rows: Vec<(Way<'_>, usize)> = Vec::new();
    for rate in shipments.iter().flat_map(|shipment| &shipment.rates) {
        match rows.iter_mut().find(|(way, _)| way.method == rate.method) {
            Some((way, parcels)) => (way.cost, *parcels) = (way.cost + rate.cost, *parcels + 1),
            None => rows.push((Way { method: rate.method, name: &rate.name, cost: rate.cost }, 1)),
        }
    }
    rows.retain(|(_, parcels)| *parcels == shipments.len());
    rows.sort_by_key(|(way, _)| (way.cost, way.method));
    rows.into_iter().map(|(way, _)| way).collect()
}

/// What was chosen on the page, else before; else the first that is allowed.
pub fn chosen(order: &Order, said: Option<&Params>) -> Option<ShippingMethodId> {
    let offered = offered(order);
    let named = said.and_then(|said| said.text("delivery")?.trim().parse().ok()).map(ShippingMethodId);
    let kept =
        || order.shipments.iter().find_map(|shipment| shipment.selected_rate()).map(|rate| rate.method);
    let known = |method: &ShippingMethodId| offered.iter().any(|way| way.method == *method);
    named.filter(known).or_else(kept).filter(known).or(offered.first().map(|way| way.method))
}

pub fn ask(look: &Look<'_>) -> Question {
    let ways = offered(look.order);
    let chosen = chosen(look.order, look.said);
    let mut rows: Vec<Pick> = ways.iter().map(|way| open(look, way, chosen)).collect();
    let nowhere = rows.is_empty();
    let note = rows.iter().find(|pick| pick.chosen).map(|pick| pick.note.clone());
    rows.extend(closed(look, &ways));
    let picks = Picks {
        name: "delivery".to_owned(),
        legend: legend(look),
        rows,
        error: look.problem("delivery"),
        ..Picks::default()
    };
    let item = if nowhere { Item::Said(look.say("problem.nowhere").to_owned()) } else { Item::Picks(picks) };
    let to = look.order.ship_address.as_ref().map(|address| Recap {
        label: look.say("delivery.to"),
        thing: look.say("step.address"),
        said: place(address, &look.catalog.settings.geography),
        change: Some(look.door.path("address")),
    });
    Question {
        heading: look.say("delivery.heading").to_owned(),
        groups: vec![Group::plain(vec![item])],
        before: to.into_iter().collect(),
        uncharged: note.unwrap_or_default(),
        stuck: nowhere,
        ..Question::default()
    }
}

/// `Delivery of 1 item: Festival Poster`, `Delivery of 3 items`
fn legend(look: &Look<'_>) -> String {
    let runs = || look.order.shipments.iter().flat_map(|shipment| &shipment.runs);
    let pieces: u64 = runs().map(|run| u64::from(run.count)).sum();
    let lang = look.lang();
    let legend = match pieces {
        0 => return look.say("delivery.legend").to_owned(),
        1 => look.say("delivery.of_one").to_owned(),
        n => lang.number("delivery.of_many", n),
    };
    match &names(look, runs().map(|run| run.variant))[..] {
        [one] => format!("{legend}: {one}"),
        _ => legend,
    }
}

/// What variants are called, each name once.
fn names(look: &Look<'_>, variants: impl Iterator<Item = VariantId>) -> Vec<String> {
    let mut names = Vec::new();
    for variant in variants {
        if let Some((product, _)) = look.catalog.variant(variant)
            && !names.contains(&product.name)
        {
            names.push(product.name.clone());
        }
    }
    names
}

fn price(look: &Look<'_>, cost: Amount) -> String {
    match cost {
        Amount::ZERO => look.say("delivery.free").to_owned(),
        cost => look.money(cost).to_string(),
    }
}

fn open(look: &Look<'_>, way: &Way<'_>, chosen: Option<ShippingMethodId>) -> Pick {
    let transit = look.catalog.shipping_methods.get(&way.method).and_then(|method| method.transit);
    let arrival = transit
        .map(|transit| when::arrival(look.lang(), look.now, zone(look.order, look.catalog), transit))
        .unwrap_or_default();
    Pick {
        value: way.method.to_string(),
        title: way.name.to_owned(),
        amount: price(look, way.cost),
        detail: arrival,
        chosen: Some(way.method) == chosen,
        note: look.lang().fill("delivery.with", &[("name", way.name)]),
        ..Pick::default()
    }
}

/// What buyers here could see, and why it does not carry this order. What does not go to the address comes after what
/// only does not take these goods.
fn closed(look: &Look<'_>, ways: &[Way<'_>]) -> Vec<Pick> {
    let key = &via(look.catalog).key;
    let is_open = |method: &ShippingMethod| ways.iter().any(|way| way.method == method.id);
    let shown = |method: &&ShippingMethod| method.for_buyers && method.channels.show(key) && !is_open(method);
    let methods = look.catalog.shipping_methods.values().map(AsRef::as_ref).filter(shown);
    let mut rows: Vec<(bool, Pick)> = methods.filter_map(|method| shut(look, method)).collect();
    rows.sort_by_key(|(far, _)| *far);
    rows.into_iter().map(|(_, pick)| pick).take(MOST_CLOSED).collect()
}

fn shut(look: &Look<'_>, method: &ShippingMethod) -> Option<(bool, Pick)> {
    let kept = |shipment| domain::kept_from(look.order, shipment, method, look.catalog);
    let found: Vec<_> = look.order.shipments.iter().map(kept).collect();
    let (obstacle, _) = found.iter().flatten().next()?;
    let why = match obstacle {
        Obstacle::Goods(variants) => {
            let names = names(look, variants.iter().copied()).join(", ");
            look.lang().fill("delivery.not_goods", &[("names", &names)])
        }
        Obstacle::Location => look.say("delivery.not_from").to_owned(),
        Obstacle::Address => look.say("delivery.not_there").to_owned(),
        Obstacle::Weight => look.say("delivery.too_heavy").to_owned(),
        Obstacle::Value => look.say("delivery.too_dear").to_owned(),
        // Meant for orders in another currency.
        Obstacle::Price => return None,
    };
    let cost = |one: &Option<(Obstacle, Option<Amount>)>| one.as_ref().and_then(|(_, cost)| *cost);
    // A sum only where each parcel has a price.
    let costs: Option<Amount> =
        found.iter().map(cost).collect::<Option<Vec<Amount>>>().map(|all| all.into_iter().sum());
    let pick = Pick {
        value: method.id.to_string(),
        title: method.name.clone(),
        amount: costs.map(|cost| price(look, cost)).unwrap_or_default(),
        detail: why,
        off: true,
        ..Pick::default()
    };
    Some((*obstacle == Obstacle::Address, pick))
}

pub fn read(said: &Params) -> Read {
    let method = said.text("delivery").map(|text| ShippingMethodId(text.trim().parse().unwrap_or_default()));
    Read::plain(method.map_or(StepData::Nothing, StepData::Delivery))
}
