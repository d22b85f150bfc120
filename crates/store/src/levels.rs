//! Stock levels as they are read: an in-memory book of every stock item and its running holds.
//!
//! Reads come from here on nearly every request, so there is no query behind them. An overdue hold counts as
//! given back from its last millisecond on, whether or not a sweep has passed. The book decides nothing: every
//! demand is decided by the write. Clones share structure.

use domain::catalog::{StockLevel, StockView};
use domain::movement::StockPart;
use domain::{OrderId, StockItemId, StockLocationId, Time, VariantId};
use engine::ports::Page;
use imbl::{OrdMap, OrdSet};

pub(crate) type Place = (VariantId, StockLocationId);

/// The running hold of one part of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hold {
    pub place: Place,
    pub order: OrderId,
    pub part: StockPart,
    pub until: Time,
    pub units: i64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct StockBook {
    levels: OrdMap<Place, Entry>,
    places: OrdMap<StockItemId, Place>,
    items: OrdSet<(StockLocationId, StockItemId)>,
}

#[derive(Debug, Clone)]
struct Entry {
    level: StockLevel,
    /// Running holds by the time they run out.
    holds: OrdMap<(Time, OrderId, StockPart), i64>,
}

impl Entry {
    fn at(&self, now: Time) -> StockLevel {
        let overdue = self.holds.iter().take_while(|((until, _, _), _)| *until <= now);
        let overdue: i64 = overdue.map(|(_, units)| units).sum();
        StockLevel { held: self.level.held - overdue, ..self.level }
    }
}

impl StockBook {
    /// Adds or replaces a level; its holds stay.
    pub fn put(&mut self, level: StockLevel) {
        let place = (level.variant, level.location);
        match self.levels.get_mut(&place) {
            Some(entry) => entry.level = level,
            None => {
                self.levels.insert(place, Entry { level, holds: OrdMap::new() });
                self.places.insert(level.item, place);
                self.items.insert((level.location, level.item));
            }
        }
    }

    /// Forgets a level and its holds.
    pub fn remove(&mut self, item: StockItemId) {
        if let Some(place) = self.places.remove(&item) {
            self.levels.remove(&place);
            self.items.remove(&(place.1, item));
        }
    }

    pub fn hold(&mut self, hold: Hold) {
        if let Some(entry) = self.levels.get_mut(&hold.place) {
            entry.holds.insert((hold.until, hold.order, hold.part), hold.units);
        }
    }

    pub fn unhold(&mut self, hold: Hold) {
        if let Some(entry) = self.levels.get_mut(&hold.place) {
            entry.holds.remove(&(hold.until, hold.order, hold.part));
        }
    }

    /// The level as stored, overdue holds counted.
    pub fn stored(&self, place: Place) -> Option<StockLevel> {
        self.levels.get(&place).map(|entry| entry.level)
    }

    /// All levels as stored.
    pub fn all(&self) -> impl Iterator<Item = StockLevel> {
        self.levels.values().map(|entry| entry.level)
    }

    pub fn place_of(&self, item: StockItemId) -> Option<Place> {
        self.places.get(&item).copied()
    }

    pub fn view(&self, variants: &[VariantId], now: Time) -> StockView {
        let mut view = StockView::default();
        for variant in variants {
            let places = (*variant, StockLocationId(i64::MIN))..=(*variant, StockLocationId(i64::MAX));
            let levels: Vec<_> = self.levels.range(places).map(|(_, entry)| entry.at(now)).collect();
            if !levels.is_empty() {
                view.0.insert(*variant, levels);
            }
        }
        view
    }

    pub fn item(&self, item: StockItemId, now: Time) -> Option<StockLevel> {
        self.levels.get(self.places.get(&item)?).map(|entry| entry.at(now))
    }

    /// Items of a location, by id.
    pub fn page(&self, location: StockLocationId, offset: u64, limit: u64, now: Time) -> Page<StockLevel> {
        let all = (location, StockItemId(i64::MIN))..=(location, StockItemId(i64::MAX));
        let items: Vec<_> = self.items.range(all).map(|(_, item)| *item).collect();
        let rows = items.iter().skip(size(offset)).take(size(limit));
        Page { rows: rows.filter_map(|item| self.item(*item, now)).collect(), total: items.len() as u64 }
    }
}

/// A count as a length; what does not fit is more than there can be.
pub(crate) fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
