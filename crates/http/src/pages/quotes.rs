//! What the order comes to with each way of delivery. Previews decide it: nothing here adds up prices, and nothing is
//! changed or kept before the buyer says so.

use super::channel::via;
use super::steps::delivery;
use super::visit::Visit;
use domain::ShippingMethodId;
use domain::command::{Command, RateChoice};
use domain::order::Order;
use domain::user::{Actor, Who};
use std::sync::Arc;

/// Most commands that one page previews; each is a whole decision on a whole order.
const COMMANDS: usize = 24;

/// The order as it would be with a way of delivery.
pub struct Quote {
    pub method: ShippingMethodId,
    pub order: Arc<Order>,
}

/// The order with each way that is offered, that of `chosen` first; none where a preview is refused.
pub async fn of(visit: &Visit, chosen: Option<ShippingMethodId>) -> Vec<Quote> {
    let parcels = visit.order.shipments.len();
    let mut methods: Vec<ShippingMethodId> =
        delivery::offered(&visit.order).into_iter().map(|row| row.method).collect();
    methods.sort_by_key(|method| Some(*method) != chosen);
    methods.truncate((COMMANDS / parcels.max(1)).max(1));
    let select = |method: &ShippingMethodId| {
        let rate = |shipment: &domain::order::Shipment| {
            let rate = shipment.rates.iter().find(|rate| rate.method == *method)?;
            Some(Command::SelectRate { shipment: shipment.id, choice: RateChoice::Rate(rate.id) })
        };
        visit.order.shipments.iter().filter_map(rate).collect::<Vec<Command>>()
    };
    let commands: Vec<Command> = methods.iter().flat_map(select).collect();
    if parcels == 0 || commands.len() != methods.len() * parcels {
        return Vec::new();
    }
    let actor = Actor { who: Who::Guest, via: via(&visit.catalog).key.clone() };
    let Ok(preview) = visit.pages.app.engine.preview(visit.order.id, commands, &actor).await else {
        return Vec::new();
    };
    if preview.outcomes.iter().any(|outcome| outcome.refusal.is_some()) {
        return Vec::new();
    }
    // Of each way the last command has brought all parcels over to it.
    let orders = preview.outcomes.chunks(parcels).filter_map(|each| each.last());
    let quote = |(method, outcome): (ShippingMethodId, &engine::Previewed)| Quote {
        method,
        order: Arc::clone(&outcome.order),
    };
    methods.into_iter().zip(orders).map(quote).collect()
}
