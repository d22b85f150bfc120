//! Payments, the methods one may pay by, and the payment state of an order.
//!
//! Of a card only brand, last four digits and holder are shown; never its token.

use super::Lens;
use super::wire::{MoneyView, money};
use domain::catalog::{MethodKind, PaymentMethod};
use domain::channel::Channel;
use domain::eligibility::may_be_offered;
use domain::money::Amount;
use domain::order::{AttemptState, Order, Payment, PaymentState, Phase};
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
pub struct MethodView<'a> {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
    name: &'a str,
    description: &'a str,
    display_name: &'a str,
    currencies: Vec<&'static str>,
    billing_address_required: bool,
    payment_profiles_enabled: bool,
    test_mode: bool,
    active: bool,
    tokenize_key: Option<&'a str>,
}

/// The methods an order may be paid by, the first one to offer first.
pub fn methods<'a>(order: &Order, lens: &Lens<'a>) -> Vec<MethodView<'a>> {
    if !lens.channel.currencies.contains(&order.currency) {
        return Vec::new();
    }
    let offered = |method: &&Arc<PaymentMethod>| {
        method.active
            && method.for_buyers
            && method.kind != MethodKind::StoreCredit
            && method.channels.show(&lens.channel.key)
            && may_be_offered(order, method, lens.buyer, lens.catalog, lens.now)
    };
    let mut methods: Vec<&Arc<PaymentMethod>> =
        lens.catalog.payment_methods.values().filter(offered).collect();
    methods.sort_by_key(|method| (method.position, method.id));
    methods.into_iter().map(|method| method_view(method, lens.channel)).collect()
}

fn gateway(kind: &MethodKind) -> Option<&str> {
    match kind {
        MethodKind::Card(gateway) => Some(gateway.0.as_str()),
        MethodKind::Platform(platform) => Some(platform.platform.as_str()),
        MethodKind::Manual | MethodKind::StoreCredit | MethodKind::External => None,
    }
}

/// The `type` of a method: which gateway is behind it, `Gateway::Manual` if none is.
pub fn method_type(kind: &MethodKind) -> String {
    format!("Gateway::{}", capitalised(gateway(kind).unwrap_or("manual")))
}

/// A method as buyers see it.
pub fn method_view<'a>(method: &'a PaymentMethod, channel: &Channel) -> MethodView<'a> {
    let gateway = gateway(&method.kind);
    MethodView {
        id: method.id.0,
        kind: method_type(&method.kind),
        name: &method.name,
        description: &method.description,
        display_name: &method.name,
        currencies: channel.currencies.iter().map(|currency| currency.code()).collect(),
        billing_address_required: false,
        payment_profiles_enabled: gateway.is_some(),
        test_mode: gateway == Some("test"),
        active: method.active,
        tokenize_key: method.config.tokenize_key(),
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[derive(Debug, Serialize)]
pub struct PaymentView<'a> {
    id: i64,
    number: &'a str,
    amount: MoneyView,
    state: &'static str,
    order_id: i64,
    source_id: Option<i64>,
    source_type: Option<&'static str>,
    source: Option<SourceView<'a>>,
    payment_method_id: i64,
    response_code: Option<&'a str>,
    reason: Option<&'a str>,
    next_action: Option<NextAction<'a>>,
}

#[derive(Debug, Serialize)]
struct SourceView<'a> {
    brand: &'a str,
    last_four: &'a str,
    cardholder_name: &'a str,
}

/// What the buyer has to do before a payment can go on.
#[derive(Debug, Serialize)]
pub struct NextAction<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

pub fn payment<'a>(payment: &'a Payment, order: &Order) -> PaymentView<'a> {
    let card = payment.card();
    PaymentView {
        id: payment.id.0,
        number: &payment.number,
        amount: money(payment.amount, order.currency),
        state: state(payment, order),
        order_id: order.id.0,
        source_id: card.map(|card| card.id.0),
        source_type: card.map(|_| "CreditCard"),
        source: card.map(|card| SourceView {
            brand: &card.details.brand,
            last_four: &card.details.last4,
            cardholder_name: &card.details.name,
        }),
        payment_method_id: payment.method.0,
        response_code: payment.authorization.as_deref(),
        reason: payment.message.as_deref(),
        next_action: next_action(payment),
    }
}

fn state(payment: &Payment, order: &Order) -> &'static str {
    match payment.state {
        // An offline payment of a placed order: the money is still to come.
        PaymentState::Stored if order.is_placed() => "pending",
        PaymentState::Stored => "checkout",
        PaymentState::Processing => "processing",
        PaymentState::ActionRequired => "requires_action",
        PaymentState::Authorized => "pending",
        PaymentState::Captured if gave_back(payment) && payment.net_captured().is_zero() => "refunded",
        PaymentState::Captured => "completed",
        PaymentState::Failed => "failed",
        PaymentState::Void | PaymentState::Replaced => "void",
    }
}

fn gave_back(payment: &Payment) -> bool {
    payment.refunded().is_positive()
}

/// Where the buyer has to go, if a payment waits for that.
pub fn next_action(payment: &Payment) -> Option<NextAction<'_>> {
    match &payment.attempt.as_ref()?.state {
        AttemptState::ActionRequired { url } => Some(NextAction { kind: "redirect", url }),
        AttemptState::Underpaid { url, .. } => url.as_deref().map(|url| NextAction { kind: "redirect", url }),
        AttemptState::Initiated | AttemptState::Unknown => None,
    }
}

/// How far an order is paid. Nothing before the first attempt of an unfinished one.
pub fn payment_state(order: &Order) -> Option<&'static str> {
    let received = order.payment_total();
    let returned = order.payments.iter().any(gave_back);
    let placed = order.is_placed();
    if returned {
        return Some(if received.is_zero() { "refunded" } else { "partial_refund" });
    }
    if placed && order.phase != Phase::Canceled && order.phase != Phase::Voided {
        return Some(match received.cmp(&order.total()) {
            std::cmp::Ordering::Less => "balance_due",
            std::cmp::Ordering::Equal => "paid",
            std::cmp::Ordering::Greater => "credit_owed",
        });
    }
    if received > Amount::ZERO {
        return Some("credit_owed");
    }
    let sent = |payment: &&Payment| {
        matches!(
            payment.state,
            PaymentState::Processing | PaymentState::ActionRequired | PaymentState::Failed
        )
    };
    let last = order.payments.iter().rfind(sent)?;
    Some(if last.state == PaymentState::Failed { "failed" } else { "balance_due" })
}
