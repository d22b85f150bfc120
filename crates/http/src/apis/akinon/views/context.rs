//! What each page of checkout answers: the context of the next one.

use super::{Lens, money, slug, time};
use crate::apis::akinon::answer::PageShow;
use crate::apis::akinon::completed;
use crate::apis::akinon::page::Page;
use domain::catalog::CheckoutProvider;
use domain::order::Order;
use domain::provider::{self, DeliveryOffer};
use domain::user::Buyer;
use serde_json::{Value, json};

/// The context that a success of this page carries.
pub fn context(order: &Order, buyer: &Buyer, show: &PageShow, lens: &Lens<'_>) -> Value {
    let session = order.provider_session();
    let redirect_url = session.map_or("", |session| &session.redirect_url);
    match show.page {
        Page::Index => json!({ "checkout_providers": show.providers }),
        Page::Selection => json!({ "redirect_url": redirect_url }),
        Page::Address => {
            let offers = provider::offers(order);
            let options: Vec<Value> = offers.iter().map(|offer| option(offer, order, lens)).collect();
            json!({ "shipping_options": options, "redirect_url": redirect_url })
        }
        Page::ShippingOption => {
            let language = session.and_then(|session| session.language.as_deref());
            let agreements = provider::agreements(lens.catalog, &lens.channel.key, language);
            let named: Vec<Value> =
                agreements.iter().map(|row| json!({ "code": row.code, "text": row.text })).collect();
            json!({ "agreements": named })
        }
        Page::AgreementList => {
            let language = session.and_then(|session| session.language.as_deref());
            let shown = provider::agreement(lens.catalog, &lens.channel.key, language, &show.code);
            shown.map_or_else(
                || json!({}),
                |row| {
                    let body = provider::render(row, order, lens.catalog, lens.now);
                    json!({ "code": row.code, "text": row.text, "agreement_body": body })
                },
            )
        }
        Page::Notification | Page::ThankYou => thanks(order, buyer, show, lens),
    }
}

/// A provider as the first page lists it.
pub fn provider(row: &CheckoutProvider) -> Value {
    json!({ "pk": row.id.0, "name": row.name, "slug": row.slug })
}

fn option(offer: &DeliveryOffer, order: &Order, lens: &Lens<'_>) -> Value {
    let method = lens.catalog.shipping_methods.get(&offer.method);
    let code = method.and_then(|method| method.code.clone()).filter(|code| !code.is_empty());
    json!({
        "key": offer.method.0,
        "name": offer.name,
        "slug": code.unwrap_or_else(|| slug(&offer.name)),
        "shipping_amount": money(offer.cost, order.currency),
        "description": offer.name,
    })
}

fn thanks(order: &Order, buyer: &Buyer, show: &PageShow, lens: &Lens<'_>) -> Value {
    let joined = buyer.user.as_ref().filter(|user| Some(user.id) == order.customer);
    // Who has ordered has a record; its day is the order's if the record was just made.
    let joined = joined.map_or(order.completed_at.unwrap_or(lens.now), |user| user.created_at);
    let linked = order.receipt().map_or(joined, |receipt| receipt.linked_at);
    json!({
        "return_url": completed::link(&show.public_url, &show.signer, &order.number, lens.now),
        "merchant_customer_id": order.customer.map(|customer| customer.0),
        "merchant_customer_date_joined": time(joined),
        "merchant_customer_akifast_date_joined": time(linked),
    })
}
