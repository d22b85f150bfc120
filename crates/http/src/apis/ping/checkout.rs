//! Stage four: a cart becomes an order, paid at once or given to a payment platform.
//!
//! One command does all of it, so there is no order that a buyer stopped half way through. The quote in the answer is
//! the one the caller could have asked for a moment before; what the order itself came to stands beside it.

use super::auth;
use super::call::{Answered, Call, CustomerCall, actor, reply};
use super::cart::{self, Priced};
use super::channel::NAME;
use super::read::{self, PaidBy};
use super::refuse::{Refused, respond, unknown_method, words};
use super::state::Status;
use super::token::{self, About};
use super::views;
use crate::server::AppState;
use domain::catalog::{Catalog, CountryCode, PaymentMethod};
use domain::channel::ChannelKey;
use domain::command::{Command, Purchase, Vouched};
use domain::order::{Order, SaveCard};
use domain::user::{Actor, SavedCard, User};
use engine::ports::OrderKey;
use engine::{Answer, Ask, Once, Reply, Target, Trouble};
use serde_json::Value;
use std::sync::Arc;

/// How long goods and credit are held for a buyer who was sent to a platform, in minutes.
const HOLD_MINUTES: u32 = 60;
const CREATED: &str = "Checkout created successfully.";

/// `POST /private/user/checkout/create`
pub async fn create(call: CustomerCall) -> Answered {
    let asked = read::checkout(&call.call.body)?;
    let once = call.once()?;
    let CustomerCall { call, customer } = call;
    let country = call.app.engine.country_of(call.client_ip()?);
    let catalog = call.app.engine.catalog();
    let paid_by = paid_by(&asked.paid_by, &customer, &catalog);
    let bought = cart::price(&call, &customer, &asked.cart).await;
    let (priced, paid_by) = match (bought, paid_by) {
        (Ok(priced), Ok(paid_by)) => (priced, paid_by),
        // A request that was carried out before is answered as before, whatever has become of its cart since.
        (Err(refused), _) | (_, Err(refused)) => return refuse(&call, once, refused).await,
    };
    let vouched = vouched(&call, &customer, &priced, &asked, &paid_by, country).await?;
    let purchase = Purchase {
        cart: priced.cart.clone(),
        method: paid_by.method.id,
        card: paid_by.card.as_ref().map(|card| card.card.id),
        save: if asked.save_card { SaveCard::Yes } else { SaveCard::No },
        expected_payable: asked.expected_total,
        country,
        success_url: asked.success_url.clone(),
        cancel_url: asked.cancel_url.clone(),
        vouched,
        hold_minutes: HOLD_MINUTES,
        down: call.app.engine.platforms_down(),
    };
    let said = Said::Checkout { base: call.base(), quote: quote(&priced, &asked.cart) };
    buy(&call.app, actor(&customer), once, purchase, said).await
}

/// The quote as it goes into the answer; the answer may be written after the request is gone.
fn quote(priced: &Priced, asked: &read::Cart) -> Value {
    // Texts as keys: this cannot fail.
    serde_json::to_value(cart::view(priced, asked, None)).unwrap_or_default()
}

/// What an answer says beside the order.
#[derive(Debug, Clone)]
pub enum Said {
    Checkout {
        base: String,
        quote: Value,
    },
    /// The answer to a customer with keys of their own.
    Public {
        base: String,
    },
}

/// Sends the purchase, and answers.
///
/// # Errors
/// The engine's trouble; the domain's refusals are answers.
pub async fn buy(
    app: &AppState,
    actor: Actor,
    once: Option<Once>,
    purchase: Purchase,
    said: Said,
) -> Answered {
    let command = Command::Purchase(Box::new(purchase));
    let after = said.clone();
    let ask = Ask::new(Target::New, command, actor, move |answer| write(answer, &said)).once(once);
    match app.engine.execute(ask).await {
        Ok(reply) => Ok(respond(reply)),
        // The platform takes its time: the order is there, and its payment is being made.
        Err(Trouble::Overdue { order }) => {
            let found = app.engine.order(&OrderKey::Id(order)).await;
            let found = found.map_err(|error| Refused::trouble(&error))?;
            let found = found.ok_or_else(|| Refused::trouble(&Trouble::Overdue { order }))?;
            Ok(respond(written(&found, &after)))
        }
        Err(trouble) => Err(Refused::trouble(&trouble)),
    }
}

fn write(answer: &Answer<'_>, said: &Said) -> Reply {
    match answer.result {
        Ok(done) => written(done.order, said),
        Err(refusal) => words(refusal, answer.catalog).into_reply(),
    }
}

fn written(order: &Order, said: &Said) -> Reply {
    let status = Status::of(order).unwrap_or(Status::Processing);
    match said {
        Said::Checkout { base, quote } => reply(201, &views::checkout(order, status, base, quote), CREATED),
        Said::Public { base } => {
            reply(201, &views::public_checkout(order, status, base), "Checkout created successfully.")
        }
    }
}

/// Answers a request that cannot be carried out, unless it was carried out before.
///
/// # Errors
/// What was refused.
pub async fn refuse(call: &Call, once: Option<Once>, refused: Refused) -> Answered {
    let Some(once) = once else { return Err(refused) };
    let kept = call.app.engine.answered(once).await;
    match kept.map_err(|error| Refused::trouble(&error))? {
        Some(reply) => Ok(respond(reply)),
        None => Err(refused),
    }
}

/// The method, and the saved card if it is one.
#[derive(Debug)]
struct Chosen {
    method: Arc<PaymentMethod>,
    card: Option<SavedCard>,
}

impl Chosen {
    /// As the cart route calls it.
    fn id(&self) -> String {
        match &self.card {
            Some(card) => views::card_method_id(card, &self.method),
            None => self.method.key.clone(),
        }
    }
}

fn paid_by(wanted: &PaidBy, customer: &User, catalog: &Catalog) -> Result<Chosen, Refused> {
    let channel = ChannelKey::new(NAME);
    let offered =
        |method: &&Arc<PaymentMethod>| method.active && method.for_buyers && method.channels.show(&channel);
    let by_key = |key: &str| {
        let mut methods = catalog.payment_methods.values().filter(offered);
        methods.find(|method| method.key == key).cloned().ok_or_else(unknown_method)
    };
    // Somebody else's card and one that never was look the same.
    let card = |name: &str| {
        let found = customer.wallet.iter().find(|card| views::card_id(card) == name).cloned();
        found.ok_or_else(|| Refused::not_found("saved card"))
    };
    match wanted {
        PaidBy::Method(key) => Ok(Chosen { method: by_key(key)?, card: None }),
        PaidBy::CardOf { method, card: name } => {
            Ok(Chosen { method: by_key(method)?, card: Some(card(name)?) })
        }
        PaidBy::Card { platform, card: name } => {
            let card = card(name)?;
            let method = catalog.payment_methods.get(&card.method).filter(offered);
            let method =
                method.filter(|method| views::names(method).0 == platform).ok_or_else(unknown_method)?;
            Ok(Chosen { method: Arc::clone(method), card: Some(card) })
        }
    }
}

/// Whether our own token still says that this cart may be paid like this.
async fn vouched(
    call: &Call,
    customer: &User,
    priced: &Priced,
    asked: &read::Checkout,
    chosen: &Chosen,
    country: Option<CountryCode>,
) -> Result<Vouched, Refused> {
    let Some(token) = &asked.validation_token else { return Ok(Vouched::No) };
    let payable = priced.quote.quoted.payable;
    let about = About { customer: customer.id, cart: &priced.mark, payable, country };
    let signer = auth::validation_signer(&call.app).await?;
    let holds = token::holds(&signer, token, &about, &chosen.id(), priced.quote.now);
    Ok(if holds { Vouched::Yes } else { Vouched::No })
}
