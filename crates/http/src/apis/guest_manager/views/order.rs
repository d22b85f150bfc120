//! The order, whole.

use super::address::{self, AddressView};
use super::adjustment::{self, AdjustmentView};
use super::form::{self, ResponseView};
use super::line::{self, LineView};
use super::payment::{self, MethodView, PaymentView};
use super::ticket::{self, TicketView};
use super::wire::{MoneyView, TimeView, money, time};
use super::{Lens, helper, place};
use crate::apis::guest_manager::state::{COMPLETE, state_of, steps_of};
use crate::pages::links;
use domain::order::{CheckoutMode, Order, Phase};
use domain::plan;
use domain::ticketing;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Debug, Serialize)]
pub struct OrderView<'a> {
    id: i64,
    number: &'a str,
    currency: &'static str,
    state: &'static str,
    checkout_steps: Vec<&'static str>,
    item_count: u64,
    contact_id: Option<i64>,
    guest_token: String,
    guest_checkout: bool,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    email: Option<&'a str>,
    phone_number: Option<&'a str>,
    phone_number_country: Option<&'a str>,
    payment_state: Option<&'static str>,
    completed_at: Option<TimeView>,
    expires_at: Option<TimeView>,
    can_checkout_at: Option<TimeView>,
    requested_at: Option<TimeView>,
    request_position: Option<u64>,
    approver_id: Option<i64>,
    holder_id: Option<i64>,
    abandon_at: Option<TimeView>,
    #[serde(flatten)]
    totals: Totals,
    bill_address_id: Option<i64>,
    ship_address_id: Option<i64>,
    bill_address: Option<AddressView<'a>>,
    ship_address: Option<AddressView<'a>>,
    shipping_method_id: Option<i64>,
    order_form_id: Option<i64>,
    checkout_customization_id: Option<i64>,
    metadata: &'a Map<String, Value>,
    locked: bool,
    links: Links,
    line_items: Vec<LineView<'a>>,
    adjustments: Vec<AdjustmentView<'a>>,
    promotions: Vec<PromotionView<'a>>,
    tickets: Vec<TicketView<'a>>,
    payment_methods: Vec<MethodView<'a>>,
    payments: Vec<PaymentView<'a>>,
    responses: Vec<ResponseView<'a>>,
    form_responses: Vec<ResponseView<'a>>,
    version: u64,
    created_at: TimeView,
    updated_at: TimeView,
    #[serde(flatten)]
    helper: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Totals {
    total: MoneyView,
    item_total: MoneyView,
    adjustment_total: MoneyView,
    promo_total: MoneyView,
    shipment_total: MoneyView,
    payment_total: MoneyView,
    included_tax_total: MoneyView,
    additional_tax_total: MoneyView,
}

#[derive(Debug, Serialize)]
struct Links {
    cart: String,
    checkout: String,
}

#[derive(Debug, Serialize)]
struct PromotionView<'a> {
    id: i64,
    name: &'a str,
    code: Option<&'a str>,
}

pub fn order<'a>(order: &'a Order, lens: &Lens<'a>) -> OrderView<'a> {
    let state = state_of(order, lens.catalog, lens.channel, lens.now);
    let guest = &order.ticketing.guest;
    let geography = &lens.catalog.settings.geography;
    let phone = guest.phone.as_deref();
    let responses = form::responses(order, lens);
    OrderView {
        id: order.id.0,
        number: &order.number,
        currency: order.currency.code(),
        state,
        checkout_steps: steps_of(order, lens.catalog, lens.channel, lens.now),
        item_count: order.total_quantity(),
        contact_id: order.ticketing.contact(order.email.as_deref()).map(|user| user.0),
        guest_token: links::secret(order.secret),
        guest_checkout: order.ticketing.mode == CheckoutMode::Guest,
        first_name: said(&guest.first_name),
        last_name: said(&guest.last_name),
        email: order.email.as_deref(),
        phone_number: phone,
        phone_number_country: guest.phone_country.as_deref(),
        payment_state: payment::payment_state(order),
        completed_at: order.completed_at.filter(|_| state == COMPLETE).map(time),
        expires_at: expires_at(order).map(time),
        can_checkout_at: order.ticketing.can_checkout_at.map(time),
        requested_at: order.ticketing.requested_at.map(time),
        approver_id: order.ticketing.approver.map(|user| user.0),
        // Nobody holds orders for others here.
        holder_id: None,
        request_position: order.lines.iter().filter_map(|line| place(line.id, lens)).max(),
        abandon_at: order.ticketing.abandon_at.map(time),
        totals: totals(order),
        bill_address_id: order.bill_address.as_ref().map(|address| address.id.0),
        ship_address_id: order.ship_address.as_ref().map(|address| address.id.0),
        bill_address: order.bill_address.as_ref().map(|row| address::address(row, geography)),
        ship_address: order.ship_address.as_ref().map(|row| address::address(row, geography)),
        shipping_method_id: order
            .shipments
            .iter()
            .find_map(|shipment| shipment.selected_rate())
            .map(|rate| rate.method.0),
        order_form_id: order.ticketing.order_form.map(|id| id.0),
        checkout_customization_id: ticketing::customization(order, lens.catalog).map(|row| row.id.0),
        metadata: &order.customer_metadata,
        locked: order.phase == Phase::Placing,
        links: links(order, lens),
        line_items: order.lines.iter().map(|row| line::line(row, order, lens)).collect(),
        adjustments: adjustment::all(order),
        promotions: promotions(order, lens),
        tickets: ticket::tickets(order, lens),
        payment_methods: payment::methods(order, lens),
        payments: order.payments.iter().map(|row| payment::payment(row, order)).collect(),
        form_responses: responses.clone(),
        responses,
        version: order.version,
        created_at: time(order.created_at),
        updated_at: time(order.updated_at),
        helper: helper(order, lens),
    }
}

fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Only what is not placed has a time that runs out.
fn expires_at(order: &Order) -> Option<domain::Time> {
    let timed = matches!(order.phase, Phase::Cart | Phase::Checkout | Phase::Expired);
    order.expires_at.filter(|_| timed)
}

/// The helper of the step an unfinished order stands on.
fn helper(order: &Order, lens: &Lens<'_>) -> Map<String, Value> {
    match order.phase {
        Phase::Checkout => {
            helper::of(plan::position(order, lens.catalog, lens.channel, lens.now), order, lens)
        }
        _ => Map::new(),
    }
}

fn totals(order: &Order) -> Totals {
    let sums = &order.sheet.totals;
    let money = |amount| money(amount, order.currency);
    Totals {
        total: money(sums.total),
        item_total: money(sums.item_total),
        // What delivery costs is an adjustment here.
        adjustment_total: money(sums.ship_total + sums.adjustment_total),
        promo_total: money(sums.promo_total),
        shipment_total: money(sums.ship_total),
        payment_total: money(order.payment_total()),
        included_tax_total: money(sums.included_tax_total),
        additional_tax_total: money(sums.additional_tax_total),
    }
}

fn links(order: &Order, lens: &Lens<'_>) -> Links {
    let base = lens.public_url;
    Links { cart: links::cart(base, order), checkout: links::checkout(base, order) }
}

fn promotions<'a>(order: &'a Order, lens: &Lens<'a>) -> Vec<PromotionView<'a>> {
    let applied = order.promotions.iter();
    let rows = applied.filter_map(|applied| {
        let promotion = lens.catalog.promotions.get(&applied.promotion)?;
        Some(PromotionView { id: promotion.id.0, name: &promotion.name, code: applied.code.as_deref() })
    });
    rows.collect()
}
