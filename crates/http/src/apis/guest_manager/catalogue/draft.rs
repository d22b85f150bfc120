//! A change of the catalogue in the making: rows put and taken away, seen by what comes later in the same request.

use crate::apis::guest_manager::refuse::Refused;
use domain::catalog::{Catalog, Entity, EntityKind, Pool, StockLevel, StockView};
use domain::{Entropy, EventId, Ids, StockItemId, StockLocationId, Time, VariantId};
use engine::Desk;
use engine::ports::{Commit, EntityChange, StockItemChange};

pub struct Draft<'a> {
    catalog: Catalog,
    pub ids: &'a dyn Ids,
    pub now: Time,
    pub entropy: &'a dyn Entropy,
    entities: Vec<EntityChange>,
    stock: Vec<StockItemChange>,
}

impl<'a> Draft<'a> {
    pub fn new(desk: &Desk<'a>) -> Draft<'a> {
        let catalog = desk.catalog.clone();
        let (ids, now, entropy) = (desk.ids, desk.now, desk.entropy);
        Draft { catalog, ids, now, entropy, entities: Vec::new(), stock: Vec::new() }
    }

    /// The catalogue as it will be.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub fn put(&mut self, row: impl Into<Entity>) {
        let row = row.into();
        self.catalog.put(row.clone());
        self.entities.push(EntityChange::Put(row));
    }

    pub fn remove(&mut self, kind: EntityKind, id: i64) {
        self.catalog.remove(kind, id);
        self.entities.push(EntityChange::Remove(kind, id));
    }

    /// Makes a pool, or gives it another name or size. What is sold or held stays so.
    pub fn put_pool(&mut self, pool: Pool) {
        let before = self.catalog.ticketing.pools.get(&pool.id).map(|old| old.units());
        match before {
            None => self.stock.push(StockItemChange::Create(StockLevel {
                item: pool.item,
                variant: pool.id,
                location: StockLocationId::NOWHERE,
                on_hand: pool.units(),
                held: 0,
                backorderable: false,
            })),
            Some(units) if units == pool.units() => {}
            Some(units) => {
                self.stock.push(StockItemChange::Resize { item: pool.item, delta: pool.units() - units });
            }
        }
        self.put(pool);
    }

    /// A pool with fresh ids.
    pub fn new_pool(&mut self, name: String, size: Option<u32>) -> VariantId {
        let pool = Pool { id: VariantId::fresh(self.ids), item: StockItemId::fresh(self.ids), name, size };
        let id = pool.id;
        self.put_pool(pool);
        id
    }

    /// The levels as the change leaves them.
    pub fn levels(&self, before: &StockView) -> StockView {
        let mut after = before.clone();
        for change in &self.stock {
            match change {
                StockItemChange::Create(level) => after.0.entry(level.variant).or_default().push(*level),
                StockItemChange::Resize { item, delta } => {
                    let levels = after.0.values_mut().flatten().filter(|level| level.item == *item);
                    levels.for_each(|level| level.on_hand += delta);
                }
                _ => {}
            }
        }
        after
    }

    /// The whole change.
    pub fn into_commit(self) -> Commit {
        Commit { entities: self.entities, stock: self.stock, ..Commit::default() }
    }
}

/// How the pool of an event's capacity is called; it is known by this name.
pub fn capacity_name(event: EventId) -> String {
    format!("Capacity of event {event}")
}

/// The pool that holds an event's capacity, if it has one.
pub fn capacity_of(catalog: &Catalog, event: EventId) -> Option<&Pool> {
    let name = capacity_name(event);
    catalog.ticketing.pools.values().find(|pool| pool.name == name).map(|pool| &**pool)
}

/// A row that must be there.
pub fn found<T>(row: Option<T>, model: &'static str, id: i64) -> Result<T, Refused> {
    row.ok_or_else(|| Refused::not_found(model, &id.to_string()))
}
