//! The parts of an order: lines, shipments, payments, addresses, adjustments, returns, events.

use super::{Lens, name, time};
use domain::address::Address;
use domain::catalog::Catalog;
use domain::event::Event;
use domain::order::{
    AttemptState, CustomerReturn, Line, Order, Payment, ReturnAuthorization, ReturnItem, Shipment, Source,
};
use domain::price::{Adjustment, AdjustmentSource};
use domain::user::Who;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One reason why a price is not just the sum of its parts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdjustmentView {
    id: i64,
    source: SourceView,
    label: String,
    amount: i64,
    /// Only eligible adjustments count.
    eligible: bool,
    /// Inside the price already; shown, never added.
    included: bool,
}

/// The rule that made an adjustment.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceView {
    /// `tax`, `promotion`, `volume_price`, `interest`, `cancellation`, `manual`.
    kind: &'static str,
    /// Of the tax rate or promotion.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    /// Of the promotion's action.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<i64>,
}

pub fn source(source: &AdjustmentSource) -> SourceView {
    let of = |kind, id, action| SourceView { kind, id, action };
    match source {
        AdjustmentSource::Tax(rate) => of("tax", Some(rate.0), None),
        AdjustmentSource::Promotion { promotion, action } => {
            of("promotion", Some(promotion.0), Some(*action))
        }
        AdjustmentSource::ServiceFee(fee) => of("service_fee", Some(fee.0), None),
        AdjustmentSource::VolumePrice => of("volume_price", None, None),
        AdjustmentSource::TopUp => of("top_up", None, None),
        AdjustmentSource::Interest => of("interest", None, None),
        AdjustmentSource::Cancellation => of("cancellation", None, None),
        AdjustmentSource::Manual => of("manual", None, None),
    }
}

pub fn adjustment(adjustment: &Adjustment) -> AdjustmentView {
    AdjustmentView {
        id: adjustment.id.0,
        source: source(&adjustment.source),
        label: adjustment.label.clone(),
        amount: adjustment.amount.0,
        eligible: adjustment.eligible,
        included: adjustment.included,
    }
}

pub fn adjustments(all: &[Adjustment]) -> Vec<AdjustmentView> {
    all.iter().map(adjustment).collect()
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LineView {
    id: i64,
    variant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    /// Key of the price option; absent for the plain price.
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<i64>,
    quantity: u32,
    price: i64,
    /// `price × quantity`.
    amount: i64,
    adjustments: Vec<AdjustmentView>,
    /// This line's part of the order-level discounts; in no total of the line.
    order_share: i64,
    total: i64,
    customer_metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Map<String, Value>>,
}

pub fn line(line: &Line, order: &Order, lens: &Lens<'_>) -> LineView {
    let known = lens.catalog.variant(line.variant);
    let sheet = order.sheet.line(line.id);
    LineView {
        id: line.id.0,
        variant: line.variant.0,
        sku: known.map(|(_, variant)| variant.sku.clone()),
        product: known.map(|(product, _)| product.name.clone()),
        option: Some(line.option.clone()).filter(|option| !option.is_empty()),
        parent: line.parent.map(|parent| parent.0),
        quantity: line.quantity,
        price: line.price.0,
        amount: sheet.map_or(0, |sheet| sheet.amount.0),
        adjustments: sheet.map(|sheet| adjustments(&sheet.adjustments)).unwrap_or_default(),
        order_share: sheet.map_or(0, |sheet| sheet.order_share.0),
        total: sheet.map_or(0, |sheet| sheet.total().0),
        customer_metadata: line.customer_metadata.clone(),
        admin_metadata: lens.is_staff().then(|| line.admin_metadata.clone()),
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ShipmentView {
    id: i64,
    number: String,
    location: i64,
    state: String,
    cost: i64,
    adjustments: Vec<AdjustmentView>,
    total: i64,
    rates: Vec<RateView>,
    pieces: Vec<PiecesView>,
    tracking: Option<String>,
    instructions: Option<String>,
    shipped_at: Option<String>,
    created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RateView {
    id: i64,
    method: i64,
    name: String,
    cost: i64,
    selected: bool,
}

/// `count` pieces of one line in one state, with the ids `first`, `first + 1` …
#[derive(Debug, Serialize, ToSchema)]
pub struct PiecesView {
    first: i64,
    count: u32,
    line: i64,
    variant: i64,
    state: String,
}

pub fn shipment(shipment: &Shipment, order: &Order) -> ShipmentView {
    let sheet = order.sheet.shipment(shipment.id);
    let rates = shipment.rates.iter().map(|rate| RateView {
        id: rate.id.0,
        method: rate.method.0,
        name: rate.name.clone(),
        cost: rate.cost.0,
        selected: rate.selected,
    });
    let pieces = shipment.runs.iter().map(|run| PiecesView {
        first: run.first.0,
        count: run.count,
        line: run.line.0,
        variant: run.variant.0,
        state: name(&run.state),
    });
    ShipmentView {
        id: shipment.id.0,
        number: shipment.number.clone(),
        location: shipment.location.0,
        state: name(&shipment.state),
        cost: shipment.cost.0,
        adjustments: sheet.map(|sheet| adjustments(&sheet.adjustments)).unwrap_or_default(),
        total: sheet.map_or(0, |sheet| sheet.total().0),
        rates: rates.collect(),
        pieces: pieces.collect(),
        tracking: shipment.tracking.clone(),
        instructions: shipment.instructions.clone(),
        shipped_at: shipment.shipped_at.map(time),
        created_at: time(shipment.created_at),
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentView {
    id: i64,
    number: String,
    method: i64,
    /// The method's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    method_key: Option<String>,
    amount: i64,
    state: String,
    captured: i64,
    refunded: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<CardView>,
    /// The grant of store credit that pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    store_credit: Option<i64>,
    /// A gateway was asked and has not answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<WaitingView>,
    /// The gateway's words of the last refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The gateway's reference; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    created_at: String,
    updated_at: String,
}

/// All that is ever shown of a card.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardView {
    id: i64,
    brand: String,
    last4: String,
    month: u8,
    year: u16,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingView {
    action: String,
    amount: i64,
    /// `initiated`, `unknown`, `action_required`.
    state: String,
    since: String,
    /// Where the buyer has to do something first; shown to the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

pub fn payment(payment: &Payment, order: &Order, lens: &Lens<'_>) -> PaymentView {
    let method = lens.catalog.payment_methods.get(&payment.method);
    let waiting = payment.attempt.as_ref().map(|attempt| WaitingView {
        action: name(&attempt.action),
        amount: attempt.amount.0,
        state: name(&attempt.state),
        since: time(attempt.started_at),
        url: match &attempt.state {
            AttemptState::ActionRequired { url } if lens.is_buyer(order) => Some(url.clone()),
            AttemptState::Underpaid { url, .. } if lens.is_buyer(order) => url.clone(),
            _ => None,
        },
    });
    PaymentView {
        id: payment.id.0,
        number: payment.number.clone(),
        method: payment.method.0,
        method_key: method.map(|method| method.key.clone()),
        amount: payment.amount.0,
        state: name(&payment.state),
        captured: payment.captured.0,
        refunded: payment.refunded().0,
        card: payment.card().map(|card| CardView {
            id: card.id.0,
            brand: card.details.brand.clone(),
            last4: card.details.last4.clone(),
            month: card.details.month,
            year: card.details.year,
        }),
        store_credit: match payment.source {
            Source::StoreCredit(credit) => Some(credit.0),
            _ => None,
        },
        waiting,
        message: payment.message.clone(),
        reference: payment.authorization.clone().filter(|_| lens.is_staff()),
        created_at: time(payment.created_at),
        updated_at: time(payment.updated_at),
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AddressView {
    id: i64,
    name: String,
    company: Option<String>,
    address1: String,
    address2: Option<String>,
    city: String,
    zipcode: String,
    /// Code of the state where it is known, else what was given as its name.
    state: Option<String>,
    /// ISO 3166 alpha-2.
    country: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

pub fn address(address: &Address, catalog: &Catalog) -> AddressView {
    let geography = &catalog.settings.geography;
    let fields = &address.fields;
    let state = fields.state.and_then(|id| geography.state(id)).map(|state| state.code.clone());
    let country = fields.country.and_then(|id| geography.country(id));
    AddressView {
        id: address.id.0,
        name: fields.name.clone(),
        company: fields.company.clone(),
        address1: fields.address1.clone(),
        address2: fields.address2.clone(),
        city: fields.city.clone(),
        zipcode: fields.zipcode.clone(),
        state: state.or_else(|| fields.state_name.clone()),
        country: country.map(|country| country.alpha2.to_string()),
        phone: fields.phone.clone(),
        email: fields.email.clone(),
    }
}

/// A permission to send goods back, or goods that came back.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnView {
    id: i64,
    number: String,
    /// Of a permission only.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    location: i64,
    items: Vec<ReturnItemView>,
    created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnItemView {
    unit: i64,
    line: i64,
    amount: i64,
    received: bool,
}

fn items(items: &[ReturnItem]) -> Vec<ReturnItemView> {
    let view = |item: &ReturnItem| ReturnItemView {
        unit: item.unit.0,
        line: item.line.0,
        amount: item.amount.0,
        received: item.received,
    };
    items.iter().map(view).collect()
}

pub fn authorization(authorization: &ReturnAuthorization) -> ReturnView {
    ReturnView {
        id: authorization.id.0,
        number: authorization.number.clone(),
        state: Some(name(&authorization.state)),
        location: authorization.location.0,
        items: items(&authorization.items),
        created_at: time(authorization.created_at),
    }
}

pub fn received(received: &CustomerReturn) -> ReturnView {
    ReturnView {
        id: received.id.0,
        number: received.number.clone(),
        state: None,
        location: received.location.0,
        items: items(&received.items),
        created_at: time(received.created_at),
    }
}

/// One line of an order's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// 1, 2, 3 … within the order.
    sequence: u64,
    /// `line_added`, `step_changed`, `order_placed` …
    kind: String,
    /// Id of the line, payment, shipment … it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<i64>,
    /// What changed, in a few words.
    change: String,
    at: String,
    by: WhoView,
    /// The channel it came through.
    via: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WhoView {
    /// `guest`, `customer`, `staff`, `system`.
    role: &'static str,
    /// The account, to staff and to itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<i64>,
}

pub fn event(event: &Event, lens: &Lens<'_>) -> EventView {
    let own = lens.caller.user().map(|user| user.id);
    let (role, user) = match event.by {
        Who::Guest => ("guest", None),
        Who::Customer(id) => ("customer", Some(id)),
        Who::Admin(id) => ("staff", Some(id)),
        Who::System => ("system", None),
    };
    EventView {
        sequence: event.sequence,
        kind: name(&event.kind),
        subject: event.subject,
        change: event.change.clone(),
        at: time(event.at),
        by: WhoView { role, user: user.filter(|id| lens.is_staff() || own == Some(*id)).map(|id| id.0) },
        via: event.via.0.to_string(),
    }
}
