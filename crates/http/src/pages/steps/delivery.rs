//! How it gets there: one method for all parcels, offered if every parcel can go by it.

use super::Read;
use crate::kit::Params;
use crate::pages::form::{Group, Item, Pick, Picks, Question, Recap};
use crate::pages::look::Look;
use crate::pages::show::place;
use domain::ShippingMethodId;
use domain::command::StepData;
use domain::money::Amount;

/// What is offered, cheapest first: the method, its name, what it costs for all parcels.
fn offered<'a>(look: &Look<'a>) -> Vec<(ShippingMethodId, &'a str, Amount)> {
    let shipments = &look.order.shipments;
    let mut rows: Vec<(ShippingMethodId, &str, Amount, usize)> = Vec::new();
    for rate in shipments.iter().flat_map(|shipment| &shipment.rates) {
        match rows.iter_mut().find(|row| row.0 == rate.method) {
            Some(row) => (row.2, row.3) = (row.2 + rate.cost, row.3 + 1),
            None => rows.push((rate.method, &rate.name, rate.cost, 1)),
        }
    }
    rows.retain(|row| row.3 == shipments.len());
    rows.sort_by_key(|row| (row.2, row.0));
    rows.into_iter().map(|(method, name, cost, _)| (method, name, cost)).collect()
}

pub fn ask(look: &Look<'_>) -> Question {
    let rows = offered(look);
    let kept =
        look.order.shipments.iter().find_map(|shipment| shipment.selected_rate()).map(|rate| rate.method);
    // The first one that is allowed is chosen already.
    let kept = kept.or(rows.first().map(|row| row.0)).map(|id| id.to_string()).unwrap_or_default();
    let chosen = look.value("delivery", kept);
    let pick = |(method, name, cost): &(ShippingMethodId, &str, Amount)| Pick {
        value: method.to_string(),
        title: (*name).to_owned(),
        amount: look.money(*cost).to_string(),
        chosen: method.to_string() == chosen,
        ..Pick::default()
    };
    let picks = Picks {
        name: "delivery".to_owned(),
        legend: look.say("delivery.legend").to_owned(),
        legend_hidden: true,
        rows: rows.iter().map(pick).collect(),
        error: look.problem("delivery"),
        ..Picks::default()
    };
    let nowhere = rows.is_empty();
    let item = if nowhere { Item::Said(look.say("problem.nowhere").to_owned()) } else { Item::Picks(picks) };
    let to = look.order.ship_address.as_ref().map(|address| Recap {
        label: look.say("delivery.to"),
        said: place(address, &look.catalog.settings.geography),
        change: Some(look.door.path("address")),
    });
    Question {
        heading: look.say("delivery.heading").to_owned(),
        groups: vec![Group::plain(vec![item])],
        recap: to.into_iter().collect(),
        stuck: nowhere,
        ..Question::default()
    }
}

pub fn read(said: &Params) -> Read {
    let method = said.text("delivery").map(|text| ShippingMethodId(text.trim().parse().unwrap_or_default()));
    Read::plain(method.map_or(StepData::Nothing, StepData::Delivery))
}
