//! The store in memory: for tests, quotes and trying things out. Nothing survives the process.
//!
//! One lock around persistent maps. A commit works on a clone that shares everything it does not change and
//! replaces the original at the end, so a failed condition leaves no trace.

mod audit;
mod claims;
mod commit;
mod money;
mod outbox;
mod state;
mod stock;

use crate::columns::Columns;
use crate::levels::size;
use async_trait::async_trait;
use domain::catalog::{Catalog, StockLevel, StockView};
use domain::event::Event;
use domain::money::Amount;
use domain::movement::ClaimKey;
use domain::order::{Order, Phase};
use domain::user::{Buyer, User};
use domain::{
    CreditId, IdKind, OrderId, PromotionId, StockItemId, StockLocationId, StockMovementId, TicketId, Time,
    UserId, VariantId,
};
use engine::ports::{
    Break, Commit, CommitError, Committed, CreditEvent, Direction, Freshness, Job, OnceKey, OrderKey,
    OrderQuery, Page, Queue, SavedReply, Seen, StockMovementRow, Store, StoreError, TicketQuery, UserKey,
};
use engine::{File, FileKey};
use parking_lot::RwLock;
use state::State;
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the module. Cheap to make; share it with an `Arc`.
#[allow(missing_debug_implementations)] // orders hold secrets
pub struct MemoryStore {
    state: RwLock<State>,
}

impl MemoryStore {
    /// An empty store with this catalogue.
    pub fn new(catalog: Catalog) -> MemoryStore {
        MemoryStore { state: RwLock::new(State::new(catalog)) }
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn catalog(&self) -> Arc<Catalog> {
        self.state.read().catalog.clone()
    }

    async fn order(&self, key: &OrderKey, _: Freshness) -> Result<Option<Arc<Order>>, StoreError> {
        Ok(find_order(&self.state.read(), key))
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let mut state = self.state.write();
        let mut next = state.clone();
        let committed = commit::apply(&mut next, commit)?;
        *state = next;
        Ok(committed)
    }

    fn passed(&self, now: Time) {
        self.state.write().pass(now);
    }

    async fn stock(&self, variants: &[VariantId]) -> Result<StockView, StoreError> {
        let state = self.state.read();
        Ok(state.stock.view(variants, state.now))
    }

    async fn stock_item(&self, item: StockItemId) -> Result<Option<StockLevel>, StoreError> {
        let state = self.state.read();
        Ok(state.stock.item(item, state.now))
    }

    async fn stock_items(
        &self,
        location: StockLocationId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<StockLevel>, StoreError> {
        let state = self.state.read();
        Ok(state.stock.page(location, offset, limit, state.now))
    }

    async fn stock_movements(
        &self,
        location: StockLocationId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<StockMovementRow>, StoreError> {
        let state = self.state.read();
        Ok(page(state.movements.iter().filter(|row| row.location == location).cloned(), offset, limit))
    }

    async fn stock_movement(&self, id: StockMovementId) -> Result<Option<StockMovementRow>, StoreError> {
        Ok(self.state.read().movements.iter().find(|row| row.id == id).cloned())
    }

    async fn buyer(
        &self,
        user: Option<UserId>,
        promotions: &[(PromotionId, Option<String>)],
        except: OrderId,
    ) -> Result<Buyer, StoreError> {
        Ok(find_buyer(&self.state.read(), user, promotions, except))
    }

    async fn claims(
        &self,
        keys: &[ClaimKey],
        except: OrderId,
    ) -> Result<BTreeMap<ClaimKey, u32>, StoreError> {
        Ok(claims::of_others(&self.state.read(), keys, except))
    }

    async fn user(&self, key: &UserKey) -> Result<Option<Arc<User>>, StoreError> {
        let state = self.state.read();
        let id = match key {
            UserKey::Id(id) => Some(*id),
            UserKey::Email(email) => state.emails.get(email).copied(),
            UserKey::Key(hash) => state.keys.get(hash).copied(),
            UserKey::External(provider, user) => state.links.get(&(*provider, user.clone())).copied(),
        };
        Ok(id.and_then(|id| state.users.get(&id).cloned()))
    }

    async fn users(&self) -> Result<Vec<Arc<User>>, StoreError> {
        Ok(self.state.read().users.values().filter(|user| !user.is_contact).cloned().collect())
    }

    async fn declared_keys(&self) -> Result<Vec<UserId>, StoreError> {
        let state = self.state.read();
        let owners = state.declared_keys.iter().filter_map(|hash| state.keys.get(hash).copied());
        Ok(owners.collect::<std::collections::BTreeSet<_>>().into_iter().collect())
    }

    async fn orders(&self, query: &OrderQuery) -> Result<Page<Arc<Order>>, StoreError> {
        let orders = self.state.read().orders.clone();
        Ok(find_orders(orders.values(), query))
    }

    async fn tickets(&self, query: &TicketQuery) -> Result<Page<(Arc<Order>, TicketId)>, StoreError> {
        let orders = self.state.read().orders.clone();
        let tickets = orders.values().rev().flat_map(|order| {
            let mut ids: Vec<TicketId> = order.ticketing.tickets.iter().map(|ticket| ticket.id).collect();
            ids.sort_unstable();
            ids.into_iter().map(move |id| (order, id))
        });
        let passing = tickets.filter_map(|(order, id)| {
            let ticket = order.ticketing.ticket(id)?;
            crate::tickets::pass(query, order, ticket).then_some((order, ticket))
        });
        let mut passing: Vec<_> = passing.collect();
        // Stable: what is equal stays as it stands in general.
        passing.sort_by(|one, other| crate::tickets::compare(query, (one.0, one.1), (other.0, other.1)));
        let found = passing.into_iter().map(|(order, ticket)| (order.clone(), ticket.id));
        Ok(page(found, query.offset, query.limit))
    }

    async fn contacts(&self, emails: &[String]) -> Result<BTreeMap<String, UserId>, StoreError> {
        let state = self.state.read();
        let known = |email: &String| Some((email.clone(), *state.contacts.get(email)?));
        Ok(emails.iter().filter_map(known).collect())
    }

    async fn events(&self, order: OrderId) -> Result<Vec<Event>, StoreError> {
        let state = self.state.read();
        Ok(state.events.get(&order).map(|events| events.iter().cloned().collect()).unwrap_or_default())
    }

    async fn credit_events(
        &self,
        user: UserId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<CreditEvent>, StoreError> {
        let state = self.state.read();
        let of_user = state.ledger.iter().filter(|(owner, _)| *owner == user).map(|(_, event)| event.clone());
        Ok(page(of_user, offset, limit))
    }

    async fn credit_after(&self, grants: &[CreditId]) -> Result<BTreeMap<CreditId, Amount>, StoreError> {
        let state = self.state.read();
        // The first row of a credit is its grant.
        let first = |id: &CreditId| {
            let row = state.ledger.iter().map(|(_, row)| row).find(|row| row.credit == *id)?;
            Some((*id, row.user_total))
        };
        Ok(grants.iter().filter_map(first).collect())
    }

    async fn notice(&self, platform: &str, id: &str) -> Result<Seen, StoreError> {
        let seen = self.state.read().notices.contains_key(&(platform.to_owned(), id.to_owned()));
        Ok(if seen { Seen::Before } else { Seen::Never })
    }

    async fn reply(&self, key: &OnceKey, now: Time) -> Result<Option<SavedReply>, StoreError> {
        Ok(self.state.read().replies.get(key).filter(|reply| now < reply.expires_at).cloned())
    }

    async fn put_file(&self, file: File) -> Result<FileKey, StoreError> {
        let key = file.key();
        self.state.write().files.insert(key, file);
        Ok(key)
    }

    async fn file(&self, key: &FileKey) -> Result<Option<File>, StoreError> {
        Ok(self.state.read().files.get(key).cloned())
    }

    async fn lease(
        &self,
        queue: Queue,
        now: Time,
        for_ms: i64,
        limit: usize,
    ) -> Result<Vec<Job>, StoreError> {
        let mut state = self.state.write();
        state.pass(now);
        Ok(state.lease(queue, now, for_ms, limit))
    }

    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        Ok(*self.state.write().secret.get_or_insert(fresh))
    }

    async fn id_block(&self, kind: IdKind, count: i64) -> Result<i64, StoreError> {
        Ok(self.state.write().draw(kind, count.max(1)))
    }

    async fn tidy(&self, now: Time) -> Result<u64, StoreError> {
        let mut state = self.state.write();
        state.pass(now);
        let expired = state.replies.iter().filter(|(_, reply)| reply.expires_at <= now).map(|(key, _)| *key);
        let expired: Vec<OnceKey> = expired.take(size(crate::rules::TIDY_ROWS)).collect();
        for key in &expired {
            state.replies.remove(key);
        }
        let since = crate::rules::notices_kept_since(now);
        let notices = state.notices.iter().filter(|(_, (at, _))| *at <= since).map(|(key, _)| key.clone());
        let notices: Vec<(String, String)> = notices.take(size(crate::rules::TIDY_ROWS)).collect();
        for key in &notices {
            state.notices.remove(key);
        }
        Ok((expired.len() + notices.len()) as u64
            + stock::release_overdue(&mut state, None, now, crate::rules::TIDY_ROWS))
    }

    async fn audit(&self) -> Result<Vec<Break>, StoreError> {
        let state = self.state.read().clone();
        Ok(audit::audit(&state))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn find_order(state: &State, key: &OrderKey) -> Option<Arc<Order>> {
    match key {
        OrderKey::Id(id) => state.orders.get(id).cloned(),
        OrderKey::Number(number) => state.orders.get(state.numbers.get(number)?).cloned(),
        OrderKey::Shipment(number) => {
            let order = state.orders.get(state.shipments.get(number)?)?;
            crate::rules::has_shipment(order, number).then(|| order.clone())
        }
        OrderKey::Ticket(id) => {
            let order = state.orders.get(state.ticket_numbers.get(&state.tickets.get(id)?.number)?)?;
            crate::rules::has_ticket(order, *id).then(|| order.clone())
        }
        OrderKey::TicketNumber(number) => {
            let order = state.orders.get(state.ticket_numbers.get(number)?)?;
            crate::rules::has_ticket_number(order, number).then(|| order.clone())
        }
        OrderKey::Barcode(event, barcode) => {
            let order = state.orders.get(state.barcodes.get(&(*event, barcode.clone()))?)?;
            crate::rules::has_barcode(order, *event, barcode).then(|| order.clone())
        }
        OrderKey::Unit(unit) => {
            let (_, id) = state.units.range(..=unit.0).next_back()?;
            let order = state.orders.get(id)?;
            crate::rules::has_unit(order, *unit).then(|| order.clone())
        }
    }
}

fn find_buyer(
    state: &State,
    user: Option<UserId>,
    promotions: &[(PromotionId, Option<String>)],
    except: OrderId,
) -> Buyer {
    let mut buyer = Buyer { user: user.and_then(|user| state.users.get(&user).cloned()), ..Buyer::default() };
    for (promotion, code) in promotions {
        buyer.all_uses.insert(*promotion, money::uses_without(state, *promotion, "", except));
        if let Some(code) = code.as_ref().filter(|code| !code.is_empty()) {
            buyer.code_uses.insert(code.clone(), money::uses_without(state, *promotion, code, except));
        }
    }
    let Some(user) = user else { return buyer };
    let completed = state.orders.values().filter(|order| {
        let counts = order.is_placed() && order.phase != Phase::Canceled && order.id != except;
        counts && order.customer == Some(user)
    });
    buyer.completed_orders = u32::try_from(completed.count()).unwrap_or(u32::MAX);
    for (promotion, _) in promotions {
        let claims = state
            .claims
            .iter()
            .filter(|((of, order), claim)| of == promotion && *order != except && claim.user == Some(user));
        buyer.own_uses.insert(*promotion, u32::try_from(claims.count()).unwrap_or(u32::MAX));
    }
    buyer.credits =
        state.credits.values().filter(|row| row.credit.user == user).map(|row| row.credit.clone()).collect();
    buyer
}

fn find_orders<'a>(orders: impl Iterator<Item = &'a Arc<Order>>, query: &OrderQuery) -> Page<Arc<Order>> {
    let mut found: Vec<(Columns, Arc<Order>)> = orders
        .map(|order| (Columns::of(order), order.clone()))
        .filter(|(columns, order)| columns.pass(query, order))
        .collect();
    found.sort_by(|(one, _), (other, _)| {
        for (column, direction) in &query.sort {
            let order = match (one.value(*column), other.value(*column)) {
                (Some(one), Some(other)) => crate::columns::order_of(&one, &other),
                (one, other) => one.is_some().cmp(&other.is_some()),
            };
            let order = if *direction == Direction::Descending { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        one.id.cmp(&other.id)
    });
    page(found.into_iter().map(|(_, order)| order), query.offset, query.limit)
}

/// One page of rows, and how many there are in all.
fn page<T>(rows: impl Iterator<Item = T>, offset: u64, limit: u64) -> Page<T> {
    let all: Vec<T> = rows.collect();
    let total = all.len() as u64;
    Page { rows: all.into_iter().skip(size(offset)).take(size(limit)).collect(), total }
}
