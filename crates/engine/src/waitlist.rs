//! The wait list: returned stock is offered to those who asked first, where the checkout's choices say so.
//!
//! Level-triggered like every sweep: looks at the orders that wait, offers to each what there is now. Whoever
//! cannot be served yet keeps those behind from what they wait for, so nobody is overtaken.

use crate::ask::{Target, Trouble};
use crate::engine::Engine;
use crate::limits;
use crate::ports::{Direction, OrderColumn, OrderFilter, OrderQuery, Scalar, Test};
use crate::round::{Verdict, Work};
use domain::catalog::Catalog;
use domain::command::Command;
use domain::order::{Order, Phase};
use domain::ticketing::availability;
use domain::user::{Actor, Who};
use domain::{LineId, OrderId, Time, VariantId};
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
            let wanted = queued(&order);
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

    async fn waiting(&self) -> Result<Vec<Arc<Order>>, Trouble> {
        self.waiting_from(0, limits::OFFERED_AT_ONCE).await
    }

    /// Orders on the wait list, first come, first served. An order that waits does not change.
    async fn waiting_from(&self, offset: u64, limit: u64) -> Result<Vec<Arc<Order>>, Trouble> {
        let test = Test::Equals(Scalar::Text("requested".to_owned()));
        let query = OrderQuery {
            filters: vec![OrderFilter { columns: vec![OrderColumn::State], test }],
            sort: vec![
                (OrderColumn::UpdatedAt, Direction::Ascending),
                (OrderColumn::Id, Direction::Ascending),
            ],
            offset,
            limit,
            ..OrderQuery::default()
        };
        Ok(self.shared.store.orders(&query).await?.rows)
    }

    /// The place of an order on the wait list in the queue of each of its lines that wait: 1 is served next. Empty
    /// for an order that does not wait.
    ///
    /// # Errors
    /// `Unavailable`, if the store cannot be read.
    pub async fn queue_places(&self, order: &Order) -> Result<Vec<(LineId, u64)>, Trouble> {
        self.places_of(std::iter::once(order)).await
    }

    /// How many orders wait for any of these variants or pools; `None` if the list is longer than one look.
    ///
    /// # Errors
    /// `Unavailable`, if the store cannot be read.
    pub async fn queue_before(&self, wanted: &BTreeSet<VariantId>) -> Result<Option<u64>, Trouble> {
        let rows = self.waiting_from(0, limits::QUEUE_PAGE as u64).await?;
        let before = rows.iter().filter(|other| !queued(other).is_disjoint(wanted)).count();
        Ok((rows.len() < limits::QUEUE_PAGE).then_some(before as u64))
    }

    /// The same of several orders, in one look at the list.
    ///
    /// # Errors
    /// `Unavailable`, if the store cannot be read.
    pub async fn queue_places_of(&self, orders: &[Arc<Order>]) -> Result<Vec<(LineId, u64)>, Trouble> {
        self.places_of(orders.iter().map(|order| &**order)).await
    }

    async fn places_of(
        &self,
        orders: impl Iterator<Item = &Order> + Send,
    ) -> Result<Vec<(LineId, u64)>, Trouble> {
        let catalog = self.catalog();
        let mut waiting: Vec<Waiting> = orders.flat_map(|order| Waiting::of(order, &catalog)).collect();
        let Some(last) = waiting.iter().map(|line| line.since).max() else { return Ok(Vec::new()) };
        for offset in (0..).step_by(limits::QUEUE_PAGE) {
            let rows = self.waiting_from(offset, limits::QUEUE_PAGE as u64).await?;
            for other in &rows {
                let (since, wanted) = (joined(other), queued(other));
                let behind = waiting.iter_mut().filter(|line| since < Some(line.since));
                behind.filter(|line| !line.needs.is_disjoint(&wanted)).for_each(|line| line.place += 1);
            }
            let over = rows.last().is_some_and(|other| joined(other) >= Some(last));
            if rows.len() < limits::QUEUE_PAGE || over {
                break;
            }
        }
        Ok(waiting.into_iter().map(|line| (line.id, line.place)).collect())
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

/// A line that waits for its turn.
struct Waiting {
    id: LineId,
    since: (Time, OrderId),
    needs: BTreeSet<VariantId>,
    place: u64,
}

impl Waiting {
    /// The lines of an order that wait.
    fn of(order: &Order, catalog: &Catalog) -> Vec<Waiting> {
        let Some(since) = joined(order).filter(|_| order.phase == Phase::Requested) else {
            return Vec::new();
        };
        let own = queued(order);
        let lines = order.ticketing.waiting.iter().filter_map(|id| order.line(*id));
        lines
            .map(|line| {
                let all = availability::stock_of(catalog, [line.variant]).into_iter();
                let needs = all.filter(|variant| own.contains(variant)).collect();
                Waiting { id: line.id, since, needs, place: 1 }
            })
            .collect()
    }
}

/// When an order came onto the list; of two at once the one that was begun first is before the other.
fn joined(order: &Order) -> Option<(Time, OrderId)> {
    order.ticketing.requested_at.map(|at| (at, order.id))
}

/// What an order waits for.
fn queued(order: &Order) -> BTreeSet<VariantId> {
    order.ticketing.queued.iter().map(|drawn| drawn.pool).collect()
}

fn offers_itself(order: &Order, catalog: &Catalog) -> bool {
    domain::ticketing::customization(order, catalog).is_some_and(|choices| choices.auto_offer)
}
