//! Shipments in three shapes: small inside an order, show as the answer to a change, big in a buyer's own list.

use super::address::{AddressView, address};
use super::adjustment::{Adjusted, AdjustmentView, adjustments};
use super::order::{OrderSmall, order_small};
use super::payment::{PaymentBrief, payment_brief};
use super::rate::{RateView, rate};
use super::unit::{ManifestItem, ManifestItemShow, Units, manifest, manifest_show, units};
use super::{Lens, Metadata, Named};
use crate::apis::spree_family::state;
use crate::kit::format::{Decimal, Timestamp, decimal, timestamp};
use domain::catalog::ShippingMethod;
use domain::order::{Order, Shipment};
use domain::{ShipmentId, ShippingCategoryId, ShippingMethodId, ZoneId};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// What all three shapes have.
#[derive(Debug, Serialize)]
struct Core<'a> {
    id: ShipmentId,
    tracking: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_url: Option<Option<String>>,
    number: &'a str,
    cost: Decimal,
    shipped_at: Option<Timestamp>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_metadata: Option<Metadata<'a>>,
    /// The order's number, in spite of the name.
    order_id: &'a str,
    stock_location_name: Option<&'a str>,
    shipping_rates: Vec<RateView<'a>>,
    selected_shipping_rate: Option<RateView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Metadata<'a>>,
}

#[derive(Debug, Serialize)]
pub struct ShipmentSmall<'a> {
    #[serde(flatten)]
    core: Core<'a>,
    shipping_methods: Vec<MethodWithCode<'a>>,
    manifest: Vec<ManifestItem>,
    adjustments: Vec<AdjustmentView<'a>>,
}

#[derive(Debug, Serialize)]
pub struct ShipmentShow<'a> {
    #[serde(flatten)]
    core: Core<'a>,
    shipping_methods: Vec<Method<'a>>,
    manifest: Vec<ManifestItemShow<'a>>,
}

#[derive(Debug, Serialize)]
pub struct ShipmentBig<'a> {
    #[serde(flatten)]
    small: ShipmentSmall<'a>,
    inventory_units: Units<'a>,
    order: ShipmentOrder<'a>,
}

#[derive(Debug, Serialize)]
struct ShipmentOrder<'a> {
    #[serde(flatten)]
    small: OrderSmall<'a>,
    bill_address: Option<AddressView<'a>>,
    ship_address: Option<AddressView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adjustments: Option<Vec<AdjustmentView<'a>>>,
    payments: Vec<PaymentBrief<'a>>,
}

#[derive(Debug, Serialize)]
struct Method<'a> {
    id: ShippingMethodId,
    name: &'a str,
    /// In an answer about the shipment itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_url: Option<Option<&'a str>>,
    zones: Vec<ZoneBrief<'a>>,
    shipping_categories: Vec<Named<'a, ShippingCategoryId>>,
}

#[derive(Debug, Serialize)]
struct MethodWithCode<'a> {
    code: Option<&'a str>,
    #[serde(flatten)]
    method: Method<'a>,
}

#[derive(Debug, Serialize)]
struct ZoneBrief<'a> {
    id: ZoneId,
    name: &'a str,
    description: &'a str,
}

/// As it stands inside an order.
pub fn shipment_small<'a>(shipment: &'a Shipment, order: &'a Order, lens: &Lens<'a>) -> ShipmentSmall<'a> {
    let sheet = order.sheet.shipment(shipment.id);
    let with_code =
        |of: &'a ShippingMethod| MethodWithCode { code: of.code.as_deref(), method: method(of, lens) };
    ShipmentSmall {
        core: core(shipment, order, lens),
        shipping_methods: offered(shipment, lens).map(with_code).collect(),
        manifest: manifest(shipment),
        adjustments: sheet.map_or_else(Vec::new, |sheet| {
            adjustments(&sheet.adjustments, Adjusted::Shipment(shipment.id), order, lens)
        }),
    }
}

/// As the answer to a change of the shipment.
pub fn shipment_show<'a>(shipment: &'a Shipment, order: &'a Order, lens: &Lens<'a>) -> ShipmentShow<'a> {
    ShipmentShow {
        core: core(shipment, order, lens),
        shipping_methods: offered(shipment, lens)
            .map(|of| Method { tracking_url: lens.spree(of.tracking_url.as_deref()), ..method(of, lens) })
            .collect(),
        manifest: manifest_show(shipment, lens),
    }
}

/// As it stands in a buyer's list of shipments, with its pieces and its order.
pub fn shipment_big<'a>(shipment: &'a Shipment, order: &'a Order, lens: &Lens<'a>) -> ShipmentBig<'a> {
    let geography = &lens.catalog.settings.geography;
    ShipmentBig {
        small: shipment_small(shipment, order, lens),
        inventory_units: units(shipment, order, lens),
        order: ShipmentOrder {
            small: order_small(order, lens),
            bill_address: order.bill_address.as_ref().map(|at| address(at, geography, lens.dialect)),
            ship_address: order.ship_address.as_ref().map(|at| address(at, geography, lens.dialect)),
            adjustments: lens.spree(adjustments(&order.sheet.order, Adjusted::Order(order.id), order, lens)),
            payments: order.payments.iter().map(|payment| payment_brief(payment, order, lens)).collect(),
        },
    }
}

fn core<'a>(shipment: &'a Shipment, order: &'a Order, lens: &Lens<'a>) -> Core<'a> {
    let location = lens.catalog.stock_locations.get(&shipment.location);
    Core {
        id: shipment.id,
        tracking: shipment.tracking.as_deref(),
        tracking_url: lens.solidus(tracking_url(shipment, lens)),
        number: &shipment.number,
        cost: decimal(shipment.cost, order.currency),
        shipped_at: shipment.shipped_at.map(timestamp),
        state: state::shipment_state(shipment.state),
        customer_metadata: lens.solidus(&shipment.customer_metadata),
        order_id: &order.number,
        stock_location_name: location.map(|location| location.name.as_str()),
        shipping_rates: shipment.rates.iter().map(|one| rate(one, order, lens)).collect(),
        selected_shipping_rate: shipment.selected_rate().map(|one| rate(one, order, lens)),
        admin_metadata: lens.staff_metadata(&shipment.admin_metadata),
    }
}

/// The carrier's page for this parcel, once there is a tracking number and its method knows such pages.
fn tracking_url(shipment: &Shipment, lens: &Lens<'_>) -> Option<String> {
    let tracking = shipment.tracking.as_deref().filter(|tracking| !tracking.is_empty())?;
    let method = lens.catalog.shipping_methods.get(&shipment.selected_rate()?.method)?;
    let escaped = utf8_percent_encode(tracking, NON_ALPHANUMERIC).to_string();
    Some(method.tracking_url.as_deref()?.replace(":tracking", &escaped))
}

/// The methods of a shipment's rates.
fn offered<'a>(shipment: &'a Shipment, lens: &Lens<'a>) -> impl Iterator<Item = &'a ShippingMethod> {
    let catalog = lens.catalog;
    shipment
        .rates
        .iter()
        .filter_map(|rate| catalog.shipping_methods.get(&rate.method))
        .map(|method| &**method)
}

fn method<'a>(of: &'a ShippingMethod, lens: &Lens<'a>) -> Method<'a> {
    let zones = of.zones.iter().filter_map(|id| lens.catalog.zones.get(id));
    let categories = of.categories.iter().filter_map(|id| lens.catalog.shipping_categories.get(id));
    Method {
        id: of.id,
        name: &of.name,
        tracking_url: None,
        zones: zones
            .map(|zone| ZoneBrief { id: zone.id, name: &zone.name, description: &zone.description })
            .collect(),
        shipping_categories: categories
            .map(|category| Named { id: category.id, name: category.name.as_str() })
            .collect(),
    }
}
