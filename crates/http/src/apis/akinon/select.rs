//! The second page: a provider is chosen, and opens a session for the basket.
//!
//! The basket takes today's prices first, so that the provider is told what its notification will be compared with. Then the
//! provider is asked with nothing locked. If the basket changed meanwhile, the session is of no use: it is given up, and the
//! provider asked again.

use super::answer::{via, write};
use super::call::Answered;
use super::check::{Errors, Form, Need, uuid};
use super::checkout::Visit;
use super::refuse::{About, ERROR, Refused, respond};
use super::session::random_text;
use super::tongue::Say;
use axum::response::Response;
use domain::OrderId;
use domain::catalog::CheckoutProvider;
use domain::command::{Command, ProviderStep, StartedSession};
use domain::money::{Amount, Money};
use domain::order::Order;
use domain::provider;
use engine::ports::{self, OpenedSession, OrderKey, SessionCustomer, SessionItem, StartSession};
use engine::{Ask, Reply, Target, Trouble};
use std::sync::Arc;

/// Sessions that are opened for one request at most.
const ROUNDS: usize = 3;
/// Letters and digits of the word that the provider repeats.
const CONVERSATION: usize = 32;
/// What stands for "go on" between two commands of one request; nobody is answered with it.
const NOTHING_SAID: u16 = 204;

/// Chooses the provider that the body names.
pub(super) async fn select(visit: &Visit, basket: Result<Arc<Order>, Errors>) -> Answered {
    let call = &visit.call;
    let mut form = Form::new(call.body.root());
    let pk = form.integer("checkout_provider", Need::Required);
    let row = pk.and_then(|pk| {
        let offered = provider::providers(&call.catalog, &via(&call.catalog).key);
        let found = offered.into_iter().find(|row| row.id.0 == pk).cloned();
        if found.is_none() {
            form.wrong("checkout_provider", Say::NoSuchPk(pk.to_string()));
        }
        found
    });
    let mut errors = form.finish().err().unwrap_or_default();
    let order = match (basket, row) {
        (Ok(order), Some(row)) => Some((order, row)),
        (Err(other), _) => {
            errors.also(other);
            None
        }
        (Ok(_), None) => None,
    };
    let Some((order, row)) = order else { return Err(call.fields(&errors)) };
    let implementation = call.app.engine.provider(&row.kind).cloned();
    let Some(implementation) = implementation else {
        tracing::error!(kind = row.kind.0, "nothing here speaks to checkout providers of this kind");
        return Err(call.field(ERROR, Say::ProviderDown));
    };
    for _ in 0..ROUNDS {
        let order = match today(visit, order.id).await? {
            Ok(order) => order,
            Err(refused) => return Ok(refused),
        };
        let conversation = random_text(call.app.engine.entropy(), CONVERSATION);
        let opened = open(visit, &order, &*implementation, conversation.clone()).await?;
        let token = opened.token.clone();
        match keep(visit, &order, &row, opened, conversation).await {
            Ok(response) => return Ok(response),
            Err(Trouble::VersionMismatch { .. }) => {
                // No order has ever known of it, so nothing keeps it for the outbox.
                let unused = Arc::clone(&implementation);
                tokio::spawn(async move {
                    if let Err(down) = unused.cancel(&token).await {
                        tracing::info!(%down, "a session that nobody needs stays open at its provider");
                    }
                });
            }
            Err(trouble) => return Err(call.trouble(&trouble)),
        }
    }
    Err(Refused::unavailable())
}

/// The basket at today's prices, which are kept; or the answer that it cannot be paid for.
async fn today(visit: &Visit, basket: OrderId) -> Result<Result<Arc<Order>, Response>, Refused> {
    let call = &visit.call;
    let (show, tongue) = (visit.shows("").await?, call.tongue);
    let command = Command::Provider(Box::new(ProviderStep::Begin));
    // No idempotency key: it is the choice that happens once, and this may be done again.
    let ask = Ask::new(Target::Order(basket), command, call.actor(), move |answer| match answer.result {
        Ok(_) => Reply::new(NOTHING_SAID, "", Vec::new()),
        Err(_) => write(answer, &show, About::Page(None), tongue),
    });
    let reply = call.app.engine.execute(ask).await.map_err(|error| call.trouble(&error))?;
    if reply.status != NOTHING_SAID {
        return Ok(Err(call.sent(respond(reply))));
    }
    let found = call.app.engine.order(&OrderKey::Id(basket)).await;
    found.map_err(|error| call.trouble(&error))?.map(Ok).ok_or_else(|| call.no_basket())
}

async fn open(
    visit: &Visit,
    order: &Order,
    provider: &dyn ports::CheckoutProvider,
    conversation: String,
) -> Result<OpenedSession, Refused> {
    let call = &visit.call;
    let catalog = &call.catalog;
    let items = provider::snapped(order, catalog).into_iter().map(|snapped| {
        let sheet = order.sheet.line(snapped.item.line);
        SessionItem {
            line: snapped.item.line,
            sku: snapped.item.sku,
            name: snapped.name,
            quantity: snapped.item.quantity,
            unit_price: snapped.price,
            total: sheet.map_or(Amount::ZERO, domain::price::LineSheet::total),
        }
    });
    let customer = call.user.as_ref().map(|user| SessionCustomer {
        id: user.id,
        email: user.email.clone(),
        phone: user.customer_metadata.get("phone").and_then(|phone| phone.as_str()).map(str::to_owned),
    });
    let session = StartSession {
        order: order.id,
        conversation,
        at: call.app.engine.now(),
        money: Money { amount: provider::goods_total(order), currency: order.currency },
        customer,
        items: items.collect(),
    };
    provider.start(session).await.map_err(|down| {
        tracing::warn!(%down, "a checkout provider opened no session");
        call.field(ERROR, Say::ProviderDown)
    })
}

/// Writes the session to the order as the provider was told of it.
async fn keep(
    visit: &Visit,
    order: &Order,
    row: &CheckoutProvider,
    opened: OpenedSession,
    conversation: String,
) -> Result<Response, Trouble> {
    let call = &visit.call;
    let step = ProviderStep::Select(StartedSession {
        provider: row.id,
        // As callbacks repeat it: a UUID in one spelling.
        token: uuid(&opened.token).unwrap_or(opened.token),
        conversation,
        redirect_url: opened.redirect_url,
        // An end before the beginning is a wrong clock's: then a session lasts as long as ours do.
        ends_at: opened.ends_at.filter(|end| *end > call.app.engine.now()),
    });
    let Ok(show) = visit.shows("").await else {
        return Err(Trouble::Unavailable("the key for links".to_owned()));
    };
    let (about, tongue) = (About::Page(Some(row.id.0)), call.tongue);
    let ask = Ask::new(Target::Order(order.id), Command::Provider(Box::new(step)), call.actor(), move |a| {
        write(a, &show, about, tongue)
    });
    let asked = ask.once(call.once).expecting(Some(order.version));
    Ok(call.sent(respond(call.app.engine.execute(asked).await?)))
}
