//! The checkout of a basket as the storefront reads it: what was chosen so far, and what it comes to.

use super::completed::address;
use super::{Lens, basket, money, slug};
use domain::money::Amount;
use domain::order::{Order, Stage};
use domain::price::AdjustmentSource;
use domain::provider;
use serde_json::{Value, json};

/// The checkout; null without a basket.
pub fn pre_order(order: Option<&Order>, lens: &Lens<'_>) -> Value {
    let Some(order) = order else { return Value::Null };
    let currency = order.currency;
    let delivery: Amount = order.sheet.shipments.iter().map(domain::price::ShipmentSheet::total).sum();
    let interest: Amount =
        order.sheet.order.iter().filter(|a| a.source == AdjustmentSource::Interest).map(|a| a.amount).sum();
    let total = order.total() - interest;
    let session = order.provider_session();
    let chosen = session.and_then(|session| session.chosen);
    let offers = provider::offers(order);
    let option = offers.iter().find(|offer| Some(offer.method) == chosen).map(|offer| {
        let method = lens.catalog.shipping_methods.get(&offer.method);
        json!({
            "pk": offer.method.0,
            "name": offer.name,
            "slug": method.and_then(|method| method.code.clone()).unwrap_or_else(|| slug(&offer.name)),
            "logo": null,
            "description": offer.name,
            "shipping_amount": money(offer.cost, currency),
            "kwargs": {},
        })
    });
    let row = session.and_then(|session| lens.catalog.checkout_providers.get(&session.provider));
    // Addresses of a session that was left or begun anew are not this one's, until its provider gives some.
    let stage = order.provider.as_ref().map(|checkout| checkout.stage());
    let is_addressed = stage >= Some(Stage::Addressed);
    let place = |place: &Option<domain::address::Address>| {
        let known = place.as_ref().filter(|_| is_addressed);
        known.map_or(Value::Null, |known| address(known, lens))
    };
    json!({
        "basket": basket(order, lens),
        // There is one way to be delivered to: at home.
        "delivery_option": {
            "pk": 1, "name": "Home delivery", "slug": "customer", "delivery_option_type": "customer", "sort_order": 0,
        },
        "shipping_address": place(&order.ship_address),
        "billing_address": place(&order.bill_address),
        "shipping_option": option,
        "shipping_amount": money(delivery, currency),
        "total_amount": money(total, currency),
        "total_amount_with_interest": money(order.total(), currency),
        "unpaid_amount": money(order.outstanding(), currency),
        "loyalty_money": money(Amount::ZERO, currency),
        "installment": null,
        "payment_option": null,
        "checkout_provider": row.map(|row| super::provider(row)),
        "is_guest": order.customer.is_none(),
        "is_redirected": session.is_some(),
        "currency_type_label": currency.code(),
    })
}
