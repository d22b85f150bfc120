//! Orders: the answer to a checkout, and the order behind it later on.
//!
//! Services are not rows of their own: a paid line *is* the service it bought, under the line's id. So a service is
//! created exactly when, and exactly as often as, its order is paid.

use super::lines::{self, LineView};
use crate::apis::ping::state::{self, Status};
use crate::kit::format::{Timestamp, timestamp};
use domain::CreditId;
use domain::catalog::{Catalog, MethodKind};
use domain::money::Amount;
use domain::order::{GrantReason, Order, OrderKind, Payment};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct OrderView<'a> {
    order_id: &'a str,
    order_type: &'static str,
    status: &'static str,
    line_items: Vec<LineView<'a>>,
    is_top_up: bool,
    top_up_amount: i64,
    before_discount_total: i64,
    discount: i64,
    total: i64,
    credit_applied: i64,
    /// What is paid beside credit.
    amount: i64,
    currency: String,
    promotional_code: Option<String>,
    payment: Option<PaymentView<'a>>,
    created_services: Vec<ServiceView<'a>>,
    /// Money of this order that became credit: bought, paid too much, or paid too late.
    credit_granted: i64,
    /// Money of an order that is over, on its way back or to be given back by staff.
    credit_owed: i64,
    /// The customer's balance when the credit was added; of paid top-ups only.
    credit_balance_after: Option<i64>,
    redirect_url: Option<&'a str>,
    placed_at: Option<Timestamp>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct PaymentView<'a> {
    payment_id: String,
    payment_method_id: &'a str,
    payment_platform: &'a str,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last4: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'a str>,
    status: &'static str,
    amount: i64,
    received: i64,
}

#[derive(Debug, Serialize)]
struct ServiceView<'a> {
    service_id: String,
    service_type: &'a str,
    item_price_id: &'a str,
    item_quantity: u32,
}

/// The answer to a checkout.
#[derive(Debug, Serialize)]
pub struct CheckoutView<'a, Q> {
    order_id: &'a str,
    order_type: &'static str,
    status: &'static str,
    flow: &'static str,
    redirect_url: Option<&'a str>,
    payment_id: Option<String>,
    amount: i64,
    currency: String,
    credit_applied: i64,
    expires_at: Option<Timestamp>,
    confirmation_url: String,
    quote: Q,
}

/// Ids of the services that an order created: none until it is paid.
fn service_ids(order: &Order) -> Vec<String> {
    if Status::of(order) != Some(Status::Paid) || order.kind != OrderKind::Sale {
        return Vec::new();
    }
    order.lines.iter().map(|line| format!("serv_{}", line.id)).collect()
}

/// Credit that pays for this order, or would have.
pub fn credit_applied(order: &Order) -> Amount {
    order.payments.iter().filter(|payment| payment.is_store_credit()).map(|payment| payment.amount).sum()
}

/// The payment that is not credit; of orders paid by credit alone, that one.
fn main_payment(order: &Order) -> Option<&Payment> {
    order.payments.iter().rfind(|payment| !payment.is_store_credit()).or(order.payments.last())
}

/// The credit that a top-up became, once it is paid.
pub fn bought(order: &Order) -> Option<CreditId> {
    order.grants.iter().find(|grant| grant.reason == GrantReason::TopUp).map(|grant| grant.credit)
}

/// An order to look at. `balance_after` is what the ledger says of a paid top-up.
pub fn order<'a>(
    order: &'a Order,
    catalog: &'a Catalog,
    status: Status,
    balance_after: Option<Amount>,
) -> OrderView<'a> {
    let sums = lines::sums(order);
    let top_up = match order.kind {
        OrderKind::TopUp { amount } => Some(amount),
        OrderKind::Sale => None,
    };
    let credit = credit_applied(order);
    OrderView {
        order_id: &order.number,
        order_type: state::order_type(order),
        status: status.name(),
        line_items: lines::lines(order, catalog, None),
        is_top_up: top_up.is_some(),
        top_up_amount: top_up.unwrap_or_default().0,
        before_discount_total: sums.before.0,
        discount: sums.discount.0,
        total: order.total().0,
        credit_applied: credit.0,
        amount: (order.total() - credit).0,
        currency: order.currency.code().to_ascii_lowercase(),
        promotional_code: order
            .promotions
            .iter()
            .find_map(|applied| applied.code.as_deref())
            .map(str::to_uppercase),
        payment: main_payment(order).map(|payment| self::payment(payment, catalog)),
        created_services: services(order, catalog, status),
        credit_granted: order.grants.iter().map(|grant| grant.amount).sum::<Amount>().0,
        credit_owed: order.credit_owed().0,
        credit_balance_after: balance_after.map(|balance| balance.0),
        redirect_url: state::redirect_url(order),
        placed_at: order.completed_at.map(timestamp),
        created_at: timestamp(order.created_at),
        expires_at: order.expires_at.filter(|_| order.completed_at.is_none()).map(timestamp),
    }
}

fn payment<'a>(payment: &'a Payment, catalog: &'a Catalog) -> PaymentView<'a> {
    let method = catalog.payment_methods.get(&payment.method);
    let (key, platform, name) = match method {
        Some(method) => match &method.kind {
            MethodKind::Platform(platform) => (&*method.key, &*platform.platform, &*platform.method),
            MethodKind::StoreCredit => (&*method.key, "credit", "credit"),
            _ => (&*method.key, &*method.key, &*method.key),
        },
        None => ("", "", ""),
    };
    let sent = payment.sent();
    let card = payment.card().map(|card| &card.details).or(sent.and_then(|sent| sent.paid_with.as_ref()));
    let shown = |text: &'a str| Some(text).filter(|text| !text.is_empty());
    PaymentView {
        payment_id: payment_id(payment),
        payment_method_id: key,
        payment_platform: platform,
        method: name,
        last4: card.and_then(|card| shown(&card.last4)),
        brand: card.and_then(|card| shown(&card.brand)),
        status: state::of_payment(payment),
        amount: payment.amount.0,
        received: sent.map_or(payment.captured, |sent| sent.received).0,
    }
}

fn payment_id(payment: &Payment) -> String {
    format!("pay_{}", payment.number)
}

fn services<'a>(order: &'a Order, catalog: &'a Catalog, status: Status) -> Vec<ServiceView<'a>> {
    if status != Status::Paid || order.kind != OrderKind::Sale {
        return Vec::new();
    }
    let row = |line: &'a domain::order::Line| {
        let service = catalog.variant(line.variant).and_then(|(product, _)| product.service.as_ref());
        ServiceView {
            service_id: format!("serv_{}", line.id),
            service_type: service.map_or("", |service| &service.kind),
            item_price_id: &line.option,
            item_quantity: line.quantity,
        }
    };
    order.lines.iter().map(row).collect()
}

/// What a checkout came to.
pub fn checkout<'a, Q: Serialize>(
    order: &'a Order,
    status: Status,
    base: &str,
    quote: Q,
) -> CheckoutView<'a, Q> {
    let redirect_url = state::redirect_url(order);
    let credit = credit_applied(order);
    CheckoutView {
        order_id: &order.number,
        order_type: state::order_type(order),
        status: status.name(),
        flow: if redirect_url.is_some() { "redirect" } else { "capture" },
        redirect_url,
        payment_id: main_payment(order).map(payment_id),
        amount: (order.total() - credit).0,
        currency: order.currency.code().to_ascii_lowercase(),
        credit_applied: credit.0,
        expires_at: order.expires_at.filter(|_| order.completed_at.is_none()).map(timestamp),
        confirmation_url: confirmation_url(order, base),
        quote,
    }
}

/// What a customer with keys of their own bought.
#[derive(Debug, Serialize)]
pub struct PublicCheckoutView<'a> {
    order_id: &'a str,
    created: Vec<String>,
    invoice_is_paid: bool,
    invoice_url: String,
    proxies: [(); 0],
    proxy_edited: [(); 0],
}

/// What such a checkout came to.
pub fn public_checkout<'a>(order: &'a Order, status: Status, base: &str) -> PublicCheckoutView<'a> {
    PublicCheckoutView {
        order_id: &order.number,
        created: service_ids(order),
        invoice_is_paid: status == Status::Paid,
        invoice_url: confirmation_url(order, base),
        proxies: [],
        proxy_edited: [],
    }
}

fn confirmation_url(order: &Order, base: &str) -> String {
    format!("{base}/private/user/order/retrieve/{}", order.number)
}
