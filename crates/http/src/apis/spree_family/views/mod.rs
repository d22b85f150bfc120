//! The JSON views of this API: one function per view, from domain values to a `Serialize` value with exactly the
//! keys the protocol names.
//!
//! Views borrow what they show and decide nothing: every figure comes from the order's price sheet, the catalogue
//! or the stock read beside it. Absent things are `null`, never a missing key; keys for staff (`admin_metadata`,
//! `cost_price`, gateway profiles) are left out for everyone else, and keys of one dialect in the other.

mod address;
mod adjustment;
mod line;
mod order;
mod payment;
mod people;
mod product;
mod rate;
mod returns;
mod shipment;
mod shop;
mod stock;
mod taxon;
mod unit;
mod variant;

#[cfg(test)]
mod tests;

pub use address::{
    AddressView, CountryShow, CountryView, StateView, address, address_fields, country, country_show, state,
};
pub use adjustment::{Adjusted, AdjustmentView, adjustment};
pub use line::{LineItem, LineItemBrief, line_item, line_item_brief};
pub use order::{OrderBig, OrderSmall, checkout_steps, order_big, order_small};
pub use payment::{
    CreditCard, PaymentMethodView, PaymentView, PaymentWithSource, SourceView, credit_card, payment,
    payment_methods, payment_with_source, saved_card,
};
pub use people::{StoreCreditEvent, UserView, store_credit_event, user};
pub use product::{
    OptionTypeShow, OptionTypeView, ProductPropertyView, ProductView, option_type, option_value, product,
    product_property,
};
pub use rate::{EstimatedRate, RateView, estimated_rate, rate};
pub use returns::{CustomerReturnView, ReturnAuthorizationView, customer_return, return_authorization};
pub use shipment::{ShipmentBig, ShipmentShow, ShipmentSmall, shipment_big, shipment_show, shipment_small};
pub use shop::{PromotionView, PropertyView, StoreView, ZoneView, promotion, property, store, zone};
pub use stock::{
    StockItemView, StockLocationView, StockMovementView, stock_item, stock_location, stock_movement,
};
pub use taxon::{Below, TaxonView, TaxonomyView, taxon, taxonomy};
pub use unit::{InventoryUnit, inventory_unit};
pub use variant::{
    ImageView, LineVariant, OptionValueView, VariantBig, VariantSmall, descriptive_name, image, variant_big,
    variant_small,
};

use super::Dialect;
use domain::StockLocationId;
use domain::Time;
use domain::catalog::{Catalog, StockLocation, StockView};
use domain::channel::Channel;
use domain::user::Buyer;
use serde::Serialize;
use serde_json::{Map, Value};

/// What a view may look at beside the thing it shows.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    /// Which keys are shown.
    pub dialect: Dialect,
    pub catalog: &'a Catalog,
    /// Levels of every variant that is shown; one that is not here counts as out of stock.
    pub stock: &'a StockView,
    /// Of the order that is shown: its user and their credit.
    pub buyer: &'a Buyer,
    /// The channel that asks.
    pub channel: &'a Channel,
    /// The caller is staff and sees staff's keys.
    pub admin: bool,
    pub now: Time,
    /// Whether the caller's key, without the order's secret, lets them change the order.
    pub can_update: bool,
}

impl<'a> Lens<'a> {
    /// The value for staff; for everyone else a key that is left out.
    fn for_staff<T>(&self, value: T) -> Option<T> {
        self.admin.then_some(value)
    }

    /// A key that only Solidus has.
    fn solidus<T>(&self, value: T) -> Option<T> {
        (self.dialect == Dialect::Solidus).then_some(value)
    }

    /// A key that only Spree has.
    fn spree<T>(&self, value: T) -> Option<T> {
        (self.dialect == Dialect::Spree).then_some(value)
    }

    /// Staff's own notes, which only Solidus knows.
    fn staff_metadata(&self, metadata: Metadata<'a>) -> Option<Metadata<'a>> {
        self.solidus(metadata).filter(|_| self.admin)
    }

    /// A stock location this channel shows.
    fn location(&self, id: StockLocationId) -> Option<&'a StockLocation> {
        let location = self.catalog.stock_locations.get(&id)?;
        location.channels.show(&self.channel.key).then_some(location)
    }
}

/// Free data kept for a client, as it was given.
type Metadata<'a> = &'a Map<String, Value>;

/// Something that is only named: its id and name.
#[derive(Debug, Serialize)]
pub struct Named<'a, Id> {
    pub id: Id,
    pub name: &'a str,
}
