//! The order, small (lists) and big (everywhere else). Made about nine times in a checkout: borrow, don't build.

use super::super::Dialect;
use super::address::{AddressView, address};
use super::adjustment::{Adjusted, AdjustmentView, adjustments};
use super::line::{LineItem, line_items};
use super::payment::{
    CreditCard, PaymentMethodView, PaymentWithSource, order_cards, payment_methods, payment_with_source,
};
use super::shipment::{ShipmentSmall, shipment_small};
use super::{Lens, Metadata};
use crate::apis::spree_family::state::{self, state_in, state_of};
use crate::kit::format::{Decimal, Display, SecretText, Timestamp, decimal, display, timestamp};
use domain::channel::Step;
use domain::money::Amount;
use domain::order::{Completion, Order, Phase};
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
    #[serde(flatten)]
    store_credit: Option<StoreCreditKeys>,
    canceler_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_metadata: Option<Metadata<'a>>,
    display_item_total: Display,
    total_quantity: u64,
    display_total: Display,
    display_ship_total: Display,
    display_tax_total: Display,
    token: SecretText,
    /// What Solidus' guide calls `token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    guest_token: Option<SecretText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_adjustment_total: Option<Display>,
    #[serde(skip_serializing_if = "Option::is_none")]
    considered_risky: Option<bool>,
    checkout_steps: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Metadata<'a>>,
}

/// Store credit in the order's figures, which Spree does not tell.
#[derive(Debug, Serialize)]
struct StoreCreditKeys {
    covered_by_store_credit: bool,
    display_total_applicable_store_credit: Display,
    order_total_after_store_credit: Decimal,
    display_order_total_after_store_credit: Display,
    total_applicable_store_credit: Decimal,
    display_total_available_store_credit: Display,
    display_store_credit_remaining_after_capture: Display,
}

#[derive(Debug, Serialize)]
pub struct OrderBig<'a> {
    #[serde(flatten)]
    small: OrderSmall<'a>,
    /// In Spree only while one is to be chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_methods: Option<Vec<PaymentMethodView<'a>>>,
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
        payment_methods: (lens.dialect == Dialect::Solidus || state_of(order) == "payment")
            .then(|| payment_methods(order, lens)),
        bill_address: order.bill_address.as_ref().map(|at| address(at, geography, lens.dialect)),
        ship_address: order.ship_address.as_ref().map(|at| address(at, geography, lens.dialect)),
        line_items: line_items(order, lens),
        payments: order.payments.iter().map(|payment| payment_with_source(payment, order, lens)).collect(),
        shipments: order.shipments.iter().map(|shipment| shipment_small(shipment, order, lens)).collect(),
        adjustments: adjustments(&order.sheet.order, Adjusted::Order(order.id), order, lens),
        permissions: Permissions { can_update: lens.can_update },
        credit_cards: order_cards(order, lens),
    }
}

pub fn order_small<'a>(order: &'a Order, lens: &Lens<'a>) -> OrderSmall<'a> {
    let money = |amount: Amount| decimal(amount, order.currency);
    let shown = |amount: Amount| display(amount, order.currency);
    let totals = &order.sheet.totals;
    let tax_total = totals.included_tax_total + totals.additional_tax_total;
    OrderSmall {
        id: order.id,
        number: &order.number,
        item_total: money(totals.item_total),
        total: money(totals.total),
        ship_total: money(totals.ship_total),
        state: state_in(order, lens.dialect),
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
        store_credit: (lens.dialect == Dialect::Solidus).then(|| store_credit(order, lens)),
        canceler_id: order.canceler,
        customer_metadata: lens.solidus(&order.customer_metadata),
        display_item_total: shown(totals.item_total),
        total_quantity: order.total_quantity(),
        display_total: shown(totals.total),
        display_ship_total: shown(totals.ship_total),
        display_tax_total: shown(tax_total),
        token: SecretText(order.secret),
        guest_token: lens.solidus(SecretText(order.secret)),
        display_adjustment_total: lens.spree(shown(totals.adjustment_total)),
        considered_risky: lens.spree(order.phase == Phase::Complete(Completion::Review)),
        checkout_steps: checkout_steps(order, lens),
        admin_metadata: lens.staff_metadata(&order.admin_metadata),
    }
}

fn store_credit(order: &Order, lens: &Lens<'_>) -> StoreCreditKeys {
    let money = |amount: Amount| decimal(amount, order.currency);
    let shown = |amount: Amount| display(amount, order.currency);
    let total = order.sheet.totals.total;
    let credit = StoreCredit::of(order, lens);
    StoreCreditKeys {
        covered_by_store_credit: order.customer.is_some() && credit.available >= total,
        display_total_applicable_store_credit: shown(-credit.applicable),
        order_total_after_store_credit: money(total - credit.applicable),
        display_order_total_after_store_credit: shown(total - credit.applicable),
        total_applicable_store_credit: money(credit.applicable),
        display_total_available_store_credit: shown(credit.available),
        display_store_credit_remaining_after_capture: shown(credit.available - credit.applicable),
    }
}

/// Store credit as it counts for the order.
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
    let here = |step: &Step| lens.dialect == Dialect::Spree && order.stands_on(*step);
    let planned = lens.channel.flow.steps_of(order, lens.catalog);
    let all = lens.channel.flow.0.iter().map(|planned| planned.step);
    // In Spree an order is always on a step of its own list.
    let listed = all.filter(|step| *step != Step::Cart && (planned.contains(step) || here(step)));
    let mut steps: Vec<&'static str> = listed.map(state::name_of).chain(["complete"]).collect();
    steps.dedup();
    steps
}
