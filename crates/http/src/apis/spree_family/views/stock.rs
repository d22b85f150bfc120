//! Stock items, locations and movements, and what a variant can supply.
//!
//! On hand, for a buyer, is what is there less what other orders hold; `count_on_hand` is what is there. Locations
//! the asking channel does not show do not exist here.

use super::Lens;
use super::address::{CountryView, StateView, country, state};
use super::variant::{VariantSmall, variant_by_id};
use domain::catalog::{StockLevel, StockLocation, Variant};
use domain::{CountryId, StateId, StockItemId, StockLocationId, StockMovementId, VariantId};
use engine::ports::StockMovementRow;
use serde::Serialize;

/// What a variant can supply from the active locations.
pub(super) struct Supply {
    /// `None`: not counted.
    pub on_hand: Option<i64>,
    pub backorderable: bool,
}

impl Supply {
    pub(super) fn of(variant: &Variant, lens: &Lens<'_>) -> Supply {
        let mut on_hand = 0;
        let mut backorderable = false;
        for level in lens.stock.of(variant.id) {
            if lens.location(level.location).is_some_and(|location| location.active) {
                on_hand += level.available();
                backorderable |= level.backorderable;
            }
        }
        Supply { on_hand: variant.track_inventory.then_some(on_hand), backorderable }
    }

    pub(super) fn in_stock(&self) -> bool {
        self.on_hand.is_none_or(|pieces| pieces > 0)
    }
}

/// A stock item as it stands inside a variant.
#[derive(Debug, Serialize)]
pub struct StockItemBrief<'a> {
    id: StockItemId,
    count_on_hand: i64,
    stock_location_id: StockLocationId,
    backorderable: bool,
    available: bool,
    stock_location_name: &'a str,
}

/// The stock items of a variant; at active locations only, unless staff asks.
pub(super) fn stock_items_of<'a>(variant: VariantId, lens: &Lens<'a>) -> Vec<StockItemBrief<'a>> {
    let levels = lens.stock.of(variant).iter();
    let shown = levels.filter_map(|level| {
        let location = lens.location(level.location)?;
        (lens.admin || location.active).then_some((level, location))
    });
    let view = |(level, location): (&StockLevel, &'a StockLocation)| StockItemBrief {
        id: level.item,
        count_on_hand: level.on_hand,
        stock_location_id: level.location,
        backorderable: level.backorderable,
        available: level.available() > 0 || level.backorderable,
        stock_location_name: &location.name,
    };
    shown.map(view).collect()
}

#[derive(Debug, Serialize)]
pub struct StockItemView<'a> {
    id: StockItemId,
    count_on_hand: i64,
    backorderable: bool,
    /// Always 0: changes are differences here, so nobody has to say which version they saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    lock_version: Option<u8>,
    stock_location_id: StockLocationId,
    variant_id: VariantId,
    variant: Option<VariantSmall<'a>>,
}

pub fn stock_item<'a>(level: &StockLevel, lens: &Lens<'a>) -> StockItemView<'a> {
    StockItemView {
        id: level.item,
        count_on_hand: level.on_hand,
        backorderable: level.backorderable,
        lock_version: lens.spree(0),
        stock_location_id: level.location,
        variant_id: level.variant,
        variant: variant_by_id(level.variant, lens),
    }
}

#[derive(Debug, Serialize)]
pub struct StockMovementView<'a> {
    id: StockMovementId,
    quantity: i64,
    stock_item_id: StockItemId,
    /// `null` once the item was removed.
    stock_item: Option<StockItemView<'a>>,
}

pub fn stock_movement<'a>(
    movement: &StockMovementRow,
    level: Option<&StockLevel>,
    lens: &Lens<'a>,
) -> StockMovementView<'a> {
    StockMovementView {
        id: movement.id,
        quantity: movement.quantity,
        stock_item_id: movement.item,
        stock_item: level.map(|level| stock_item(level, lens)),
    }
}

#[derive(Debug, Serialize)]
pub struct StockLocationView<'a> {
    id: StockLocationId,
    name: &'a str,
    address1: Option<&'a str>,
    address2: Option<&'a str>,
    city: Option<&'a str>,
    state_id: Option<StateId>,
    state_name: Option<&'a str>,
    country_id: Option<CountryId>,
    zipcode: Option<&'a str>,
    phone: Option<&'a str>,
    active: bool,
    country: Option<CountryView<'a>>,
    state: Option<StateView<'a>>,
}

pub fn stock_location<'a>(location: &'a StockLocation, lens: &Lens<'a>) -> StockLocationView<'a> {
    let geography = &lens.catalog.settings.geography;
    StockLocationView {
        id: location.id,
        name: &location.name,
        address1: location.address1.as_deref(),
        address2: location.address2.as_deref(),
        city: location.city.as_deref(),
        state_id: location.state,
        state_name: location.state_name.as_deref(),
        country_id: location.country,
        zipcode: location.zipcode.as_deref(),
        phone: location.phone.as_deref(),
        active: location.active,
        country: location.country.and_then(|id| geography.country(id)).map(country),
        state: location.state.and_then(|id| geography.state(id)).map(state),
    }
}
