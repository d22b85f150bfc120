//! The wait list: returned stock is offered to those who asked first, where the checkout's choices say so.
//!
//! Level-triggered like every sweep: looks at the orders that wait, offers to each what there is now. Whoever
//! cannot be served yet keeps those behind from what they wait for, so nobody is overtaken.

use crate::ask::{Target, Trouble};
use crate::engine::Engine;
use crate::limits;
use crate::ports::{Direction, OrderColumn, OrderFilter, OrderQuery, Scalar, Test};
use crate::round::{Verdict, Work};
use domain::VariantId;
use domain::catalog::Catalog;
use domain::command::Command;
use domain::order::Order;
use domain::user::{Actor, Who};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

impl Engine {
    /// Offers what can be offered; how many orders got an offer.
    pub(crate) async fn offer_to_waiting(&self) -> Result<usize, Trouble> {
        let catalog = self.catalog();
        if !catalog.ticketing.customizations.values().any(|choices| choices.auto_offer) {
            return Ok(0);
        }
        let mut passed: BTreeSet<VariantId> = BTreeSet::new();
        let mut offers = 0;
        for order in self.waiting().await? {
            let wanted: BTreeSet<VariantId> = order.lines.iter().map(|line| line.variant).collect();
            let offered = offers_itself(&order, &catalog)
                && passed.is_disjoint(&wanted)
                && self.offer_to(&order).await?;
            if offered {
                offers += 1;
            } else {
                passed.extend(wanted);
            }
        }
        Ok(offers)
    }

    /// Orders on the wait list, first come, first served. An order that waits does not change.
    async fn waiting(&self) -> Result<Vec<Arc<Order>>, Trouble> {
        let test = Test::Equals(Scalar::Text("requested".to_owned()));
        let query = OrderQuery {
            filters: vec![OrderFilter { columns: vec![OrderColumn::State], test }],
            sort: vec![
                (OrderColumn::UpdatedAt, Direction::Ascending),
                (OrderColumn::Id, Direction::Ascending),
            ],
            limit: limits::OFFERED_AT_ONCE,
            ..OrderQuery::default()
        };
        Ok(self.shared.store.orders(&query).await?.rows)
    }

    async fn offer_to(&self, order: &Order) -> Result<bool, Trouble> {
        let actor = Actor { who: Who::System, via: order.origin.clone() };
        let (target, command) = (Target::Order(order.id), Command::Offer);
        let work = Work { target, command, actor: &actor, expected_version: None, pen: None };
        let wait = Duration::from_millis(limits::SETTLE_LOCK_WAIT_MS);
        let Some(_lock) = self.shared.order_locks.acquire(order.id, wait).await else { return Ok(false) };
        Ok(matches!(self.rounds(&work).await?, Verdict::Kept(kept) if kept.refusal.is_none()))
    }
}

fn offers_itself(order: &Order, catalog: &Catalog) -> bool {
    domain::ticketing::customization(order, catalog).is_some_and(|choices| choices.auto_offer)
}
