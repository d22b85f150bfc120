//! The order, small (lists) and big (everywhere else). Made about nine times in a checkout: borrow, don't build.

use super::address::{AddressView, address};
use super::adjustment::{Adjusted, AdjustmentView, adjustments};
use super::line::{LineItem, line_items};
use super::payment::{
    CreditCard, PaymentMethodView, PaymentWithSource, order_cards, payment_methods, payment_with_source,
};
use super::shipment::{ShipmentSmall, shipment_small};
use super::{Lens, Metadata};
use crate::apis::solidus::state::{self, state_of};
use crate::kit::format::{Decimal, Display, SecretText, Timestamp, decimal, display, timestamp};
use domain::channel::Step;
use domain::money::Amount;
use domain::order::Order;
use domain::{OrderId, UserId};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct OrderSmall<'a> {
    id: OrderId,
    number: &'a str,
    item_total: Decimal,
    total: Decimal,
    ship_total: Decimal,
    state: &'static str,
    adjustment_total: Decimal,
    user_id: Option<UserId>,
    created_at: Timestamp,
    updated_at: Timestamp,
    completed_at: Option<Timestamp>,
    payment_total: Decimal,
    shipment_state: Option<&'static str>,
    payment_state: Option<&'static str>,
    email: Option<&'a str>,
    special_instructions: Option<&'a str>,
    channel: &'a str,
    included_tax_total: Decimal,
    additional_tax_total: Decimal,
    display_included_tax_total: Display,
    display_additional_tax_total: Display,
    tax_total: Decimal,
    currency: &'static str,
    covered_by_store_credit: bool,
    display_total_applicable_store_credit: Display,
    order_total_after_store_credit: Decimal,
    display_order_total_after_store_credit: Display,
    total_applicable_store_credit: Decimal,
    display_total_available_store_credit: Display,
    display_store_credit_remaining_after_capture: Display,
    canceler_id: Option<UserId>,
    customer_metadata: Metadata<'a>,
    display_item_total: Display,
    total_quantity: u64,
    display_total: Display,
    display_ship_total: Display,
    display_tax_total: Display,
    token: SecretText,
    /// What the guide calls `token`.
    guest_token: SecretText,
    checkout_steps: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Metadata<'a>>,
}

#[derive(Debug, Serialize)]
pub struct OrderBig<'a> {
    #[serde(flatten)]
    small: OrderSmall<'a>,
    payment_methods: Vec<PaymentMethodView<'a>>,
    bill_address: Option<AddressView<'a>>,
    ship_address: Option<AddressView<'a>>,
    line_items: Vec<LineItem<'a>>,
    payments: Vec<PaymentWithSource<'a>>,
    shipments: Vec<ShipmentSmall<'a>>,
    adjustments: Vec<AdjustmentView<'a>>,
    permissions: Permissions,
    credit_cards: Vec<CreditCard<'a>>,
}

#[derive(Debug, Serialize)]
struct Permissions {
    can_update: bool,
}

pub fn order_big<'a>(order: &'a Order, lens: &Lens<'a>) -> OrderBig<'a> {
    let geography = &lens.catalog.settings.geography;
    OrderBig {
        small: order_small(order, lens),
        payment_methods: payment_methods(lens),
        bill_address: order.bill_address.as_ref().map(|at| address(at, geography)),
        ship_address: order.ship_address.as_ref().map(|at| address(at, geography)),
        line_items: line_items(order, lens),
        payments: order.payments.iter().map(|payment| payment_with_source(payment, order, lens)).collect(),
        shipments: order.shipments.iter().map(|shipment| shipment_small(shipment, order, lens)).collect(),
        adjustments: adjustments(&order.sheet.order, Adjusted::Order(order.id), order),
        permissions: Permissions { can_update: lens.can_update },
        credit_cards: order_cards(order),
    }
}

pub fn order_small<'a>(order: &'a Order, lens: &Lens<'a>) -> OrderSmall<'a> {
    let money = |amount: Amount| decimal(amount, order.currency);
    let shown = |amount: Amount| display(amount, order.currency);
    let totals = &order.sheet.totals;
    let tax_total = totals.included_tax_total + totals.additional_tax_total;
    let credit = StoreCredit::of(order, lens);
    OrderSmall {
        id: order.id,
        number: &order.number,
        item_total: money(totals.item_total),
        total: money(totals.total),
        ship_total: money(totals.ship_total),
        state: state_of(order),
        adjustment_total: money(totals.adjustment_total),
        user_id: order.customer,
        created_at: timestamp(order.created_at),
        updated_at: timestamp(order.updated_at),
        completed_at: order.completed_at.map(timestamp),
        payment_total: money(order.payment_total()),
        shipment_state: order.shipment_state().map(state::order_shipment_state),
        payment_state: order.payment_state().map(state::order_payment_state),
        email: order.email.as_deref(),
        special_instructions: order.instructions.as_deref(),
        channel: channel_name(order),
        included_tax_total: money(totals.included_tax_total),
        additional_tax_total: money(totals.additional_tax_total),
        display_included_tax_total: shown(totals.included_tax_total),
        display_additional_tax_total: shown(totals.additional_tax_total),
        tax_total: money(tax_total),
        currency: order.currency.code(),
        covered_by_store_credit: order.customer.is_some() && credit.available >= totals.total,
        display_total_applicable_store_credit: shown(-credit.applicable),
        order_total_after_store_credit: money(totals.total - credit.applicable),
        display_order_total_after_store_credit: shown(totals.total - credit.applicable),
        total_applicable_store_credit: money(credit.applicable),
        display_total_available_store_credit: shown(credit.available),
        display_store_credit_remaining_after_capture: shown(credit.available - credit.applicable),
        canceler_id: order.canceler,
        customer_metadata: &order.customer_metadata,
        display_item_total: shown(totals.item_total),
        total_quantity: order.total_quantity(),
        display_total: shown(totals.total),
        display_ship_total: shown(totals.ship_total),
        display_tax_total: shown(tax_total),
        token: SecretText(order.secret),
        guest_token: SecretText(order.secret),
        checkout_steps: checkout_steps(order, lens),
        admin_metadata: lens.for_staff(&order.admin_metadata),
    }
}

/// Store credit in the order's figures.
///
/// | the order | applicable |
/// | --- | --- |
/// | is in `confirm` or was placed | its store credit payments that did not fail |
/// | is before that | what the buyer has, at most the total |
struct StoreCredit {
    available: Amount,
    applicable: Amount,
}

impl StoreCredit {
    fn of(order: &Order, lens: &Lens<'_>) -> StoreCredit {
        let available = match order.customer {
            Some(_) => lens.buyer.available_credit(order.currency),
            None => Amount::ZERO,
        };
        let applicable = if order.is_placed() || state_of(order) == "confirm" {
            let payments = order.payments.iter();
            payments.filter(|p| p.is_store_credit() && p.state.is_live()).map(|p| p.amount).sum()
        } else {
            available.min(order.total())
        };
        StoreCredit { available, applicable }
    }
}

/// Orders of the two APIs that share a parent carry its name; all others the name of their channel.
fn channel_name(order: &Order) -> &str {
    match &*order.origin.0 {
        "solidus" | "spree" => "spree",
        other => other,
    }
}

/// The asking channel's steps as they apply to this order, in this API's words, with `complete` at the end.
pub fn checkout_steps(order: &Order, lens: &Lens<'_>) -> Vec<&'static str> {
    let listed =
        lens.channel.flow.steps_of(order, lens.catalog).into_iter().filter(|step| *step != Step::Cart);
    let mut steps: Vec<&'static str> = listed.map(state::name_of).chain(["complete"]).collect();
    steps.dedup();
    steps
}
