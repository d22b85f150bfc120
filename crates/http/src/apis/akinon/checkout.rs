//! The six pages of checkout, posted by the shopper's browser (the first two) and by the provider's server (the others).
//!
//! | page | who may post it |
//! | --- | --- |
//! | 1, 2 | the browser whose basket it is, with its session and token |
//! | 3–6 | whoever knows the session's token or conversation; a browser's cookies on the way must prove themselves as everywhere, or the provider signs |
//!
//! What a page does to the order is one command; the provider's session is opened between two of them, with nothing locked.

use super::answer::{PageShow, Show, Wrap, envelope, refused_in_envelope, via};
use super::call::{Answered, Call, PageCall};
use super::check::{Errors, Form, Need};
use super::page::Page;
use super::refuse::{About, BASKET, Refused, respond};
use super::tongue::Say;
use super::{answer, baskets, completed, csrf, providers, select, steps};
use crate::kit::Params;
use crate::server::Shelf;
use domain::catalog::Proof;
use domain::command::{Command, ProviderStep};
use domain::order::{Order, Phase};
use engine::Target;
use engine::ports::{CheckoutProvider, SignedHeaders, Verified};
use serde_json::json;
use std::sync::Arc;

/// `POST /orders/checkout-provider/`
pub async fn post(PageCall(call): PageCall, near: Arc<Shelf>) -> Answered {
    let (basket, page) = asked(&call, Wrap::Bare).await?;
    let visit = Visit { call, page, wrap: Wrap::Bare, near };
    visit.take(basket).await
}

/// `POST /orders/checkout/`: the first two pages, as the storefront's own checkout looks.
pub async fn post_wrapped(PageCall(call): PageCall, near: Arc<Shelf>) -> Answered {
    let (basket, page) = asked(&call, Wrap::Envelope).await?;
    if !page.is_shoppers() {
        return Err(call.field("page", Say::NotChoice(page.name().to_owned())));
    }
    let visit = Visit { call, page, wrap: Wrap::Envelope, near };
    let order = basket.as_ref().ok().cloned();
    match visit.take(basket).await {
        Err(refused) => {
            let around = match &order {
                Some(order) => Some(visit.call.around(order).await?),
                None => None,
            };
            let none = visit.call.nothing_around();
            let lens = around.as_ref().unwrap_or(&none).lens();
            Ok(visit.call.sent(respond(refused_in_envelope(refused, page, order.as_deref(), &lens))))
        }
        answered => answered,
    }
}

/// `GET /orders/checkout/`: the checkout as it stands. It changes nothing, whatever page is named.
pub async fn show(PageCall(call): PageCall, near: Arc<Shelf>) -> Answered {
    let order = baskets::main(&call).await?;
    let page = Page::asked(&call.query, &Params::default()).map_err(|errors| call.fields(&errors))?;
    let page = page.unwrap_or_else(|| Page::expected(order.as_deref()));
    let around = match &order {
        Some(order) => call.around(order).await?,
        None => call.nothing_around(),
    };
    let session = order.as_deref().and_then(Order::provider_session);
    let context = match (page, session) {
        (Page::Index | Page::Selection, None) => {
            json!({ "checkout_providers": offered(&call, &near).await })
        }
        (_, Some(session)) => json!({ "redirect_url": session.redirect_url }),
        (_, None) => json!({}),
    };
    let body = envelope(page, context, serde_json::Value::Null, order.as_deref(), &around.lens());
    Ok(call.json(200, &body))
}

/// Providers that are listed and may be chosen at this moment.
async fn offered(call: &Call, near: &Shelf) -> serde_json::Value {
    let listed = providers::listed(&call.app, near).await;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap_or_default();
    let listed = |pk: i64| listed.as_array().is_some_and(|rows| rows.iter().any(|row| row["pk"] == pk));
    let active = domain::provider::providers(&call.catalog, &via(&call.catalog).key);
    let active = active.into_iter().filter(|row| listed(row.id.0));
    active.map(|row| super::views::provider(row)).collect()
}

/// One post of one page.
pub(super) struct Visit {
    pub call: Call,
    pub page: Page,
    pub wrap: Wrap,
    pub near: Arc<Shelf>,
}

/// The basket a page is about, or why there is none for it.
type Basket = Result<Arc<Order>, Errors>;

/// Which page it is, past all that does not depend on its fields.
async fn asked(call: &Call, wrap: Wrap) -> Result<(Basket, Page), Refused> {
    let page = Page::asked(&call.query, &call.body).map_err(|errors| call.fields(&errors))?;
    let basket = basket(call, wrap).await?;
    let page = match page {
        Some(page) => page,
        None => {
            let known = basket.as_ref().ok().filter(|order| call.session.is_none() || call.owns(order));
            Page::expected(known.map(|order| &**order))
        }
    };
    if call.is_form() && !page.is_shoppers() {
        return Err(Refused::media_type("application/x-www-form-urlencoded"));
    }
    may_post(call, page, basket.as_deref().ok())?;
    Ok((basket.and_then(|order| usable(call, page, order)), page))
}

/// Who may post a page at all.
fn may_post(call: &Call, page: Page, order: Option<&Order>) -> Result<(), Refused> {
    if page.is_shoppers() {
        return match (call.csrf, &call.session) {
            (Err(fault), _) => Err(Refused::csrf(fault)),
            (Ok(()), None) => Err(Refused::not_authenticated()),
            (Ok(()), Some(_)) => Ok(()),
        };
    }
    let verified = order.map_or(Verified::Absent, |order| verified(call, order));
    let must_sign = order.and_then(Order::provider_session).is_some_and(|session| {
        let row = call.catalog.checkout_providers.get(&session.provider);
        row.is_some_and(|row| row.proof == Proof::Signed)
    });
    if must_sign && verified != Verified::Good {
        return Err(Refused::bad_signature());
    }
    match call.csrf {
        Err(csrf::Fault::Missing) if verified == Verified::Good => Ok(()),
        Err(fault) => Err(Refused::csrf(fault)),
        Ok(()) => Ok(()),
    }
}

fn verified(call: &Call, order: &Order) -> Verified {
    let header = |name: &str| call.incoming.header(name).map(str::to_owned);
    let headers = SignedHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let provider = provider_of(call, order);
    provider.map_or(Verified::Absent, |provider| {
        provider.verify(&headers, &call.incoming.body, call.app.engine.now())
    })
}

/// What speaks to the provider of this order's session.
pub(super) fn provider_of<'a>(call: &'a Call, order: &Order) -> Option<&'a Arc<dyn CheckoutProvider>> {
    let row = call.catalog.checkout_providers.get(&order.provider_session()?.provider)?;
    call.app.engine.provider(&row.kind)
}

/// The basket that is named, whatever state it is in. Where the storefront names none, it means the session's.
async fn basket(call: &Call, wrap: Wrap) -> Result<Basket, Refused> {
    if wrap == Wrap::Envelope && call.body.get("basket_id").is_none() {
        return Ok(baskets::main(call).await?.ok_or_else(|| Errors::one(BASKET, Say::BasketNotFound)));
    }
    let mut form = Form::new(call.body.root());
    let Some(id) = form.integer("basket_id", Need::Required) else {
        return Ok(Err(form.errors().clone()));
    };
    Ok(call.order(id).await?.ok_or_else(|| Errors::one(BASKET, Say::BasketNotFound)))
}

/// Whether this page may be posted for this basket.
fn usable(call: &Call, page: Page, order: Arc<Order>) -> Basket {
    let foreign = call.session.is_some() && !call.owns(&order);
    // The provider repeats itself after an answer that was lost.
    let repeated = page == Page::Notification && order.receipt().is_some() && order.is_placed();
    let active = matches!(order.phase, Phase::Cart | Phase::Checkout | Phase::Placing | Phase::Expired);
    match () {
        () if foreign => Err(Errors::one(BASKET, Say::BasketNotFound)),
        () if repeated => Ok(order),
        () if !active => Err(Errors::one(BASKET, Say::BasketNotActive)),
        () if order.lines.is_empty() => Err(Errors::one(BASKET, Say::BasketEmpty)),
        () => Ok(order),
    }
}

impl Visit {
    async fn take(&self, basket: Basket) -> Answered {
        match self.page {
            Page::Index => {
                let order = basket.map_err(|errors| self.call.fields(&errors))?;
                self.send(&order, ProviderStep::Begin, "").await
            }
            Page::Selection => select::select(self, basket).await,
            _ => steps::post(self, basket).await,
        }
    }

    /// Sends a step of checkout, and answers with the context of the next page.
    pub async fn send(&self, order: &Order, step: ProviderStep, code: &str) -> Answered {
        let show = self.shows(code).await?;
        let command = Command::Provider(Box::new(step));
        self.call.command(Target::Order(order.id), command, About::Page(None), show).await
    }

    /// What a success of this page shows.
    pub async fn shows(&self, code: &str) -> Result<Show, Refused> {
        let providers = match self.page {
            Page::Index => offered(&self.call, &self.near).await,
            _ => serde_json::Value::Null,
        };
        Ok(Show::Page(Box::new(PageShow {
            page: self.page,
            wrap: self.wrap,
            public_url: Arc::clone(&self.call.public_url),
            signer: completed::signer(&self.call).await?,
            providers,
            code: code.to_owned(),
        })))
    }
}

impl Call {
    /// What views look at where there is no order.
    fn nothing_around(&self) -> answer::Surroundings {
        answer::Surroundings {
            catalog: Arc::clone(&self.catalog),
            stock: Default::default(),
            now: self.app.engine.now(),
        }
    }
}
