//! Stages two and three: what a cart comes to, and, where the caller asks for it, how it may be paid.
//!
//! Nothing is locked, held or stored, so a quote may be asked for as often as somebody types. Without the flag nothing
//! is looked up but prices, levels and one balance, all of them in memory; with it, the country of the shopper's
//! address and the rules come on top.

use super::auth;
use super::call::{Answered, Call, CustomerCall, actor, answer};
use super::read::{self, Content, Credit, Validation};
use super::refuse::{Refused, price_not_found, words};
use super::token::{self, About, Fingerprint, HOLDS_MS};
use super::views::{self, Around, CartView, Checked};
use domain::Time;
use domain::catalog::{Catalog, CountryCode};
use domain::channel::ChannelKey;
use domain::command::{Cart, CartLine, Contents, Metadata, UseCredit};
use domain::eligibility;
use domain::money::Currency;
use domain::user::User;
use engine::{NoQuote, PricedCart};
use serde_json::Map;
use std::collections::BTreeSet;

/// `POST /private/user/cart/calculate`
pub async fn calculate(CustomerCall { call, customer }: CustomerCall) -> Answered {
    let asked = read::cart(&call.body)?;
    let country = match asked.validation {
        Validation::None => None,
        Validation::PaymentPlatform => Some(call.app.engine.country_of(call.client_ip()?)),
    };
    let priced = price(&call, &customer, &asked).await?;
    let checked = match country {
        None => None,
        Some(country) => Some(checked(&call, &customer, &priced, country).await?),
    };
    Ok(answer(&view(&priced, &asked, checked), "Cart calculated successfully."))
}

/// A cart and its price.
#[derive(Debug)]
pub struct Priced {
    pub cart: Cart,
    pub quote: PricedCart,
    pub mark: Fingerprint,
}

/// Prices what was asked for.
///
/// # Errors
/// 422 if no price can be made of it.
pub async fn price(call: &Call, customer: &User, asked: &read::Cart) -> Result<Priced, Refused> {
    let engine = &call.app.engine;
    let cart = resolved(asked, customer, &engine.catalog())?;
    let quote = engine.price_cart(&cart, &actor(customer)).await;
    let quote = quote.map_err(|error| match error {
        NoQuote::Refused(refusal) => words(&refusal, &engine.catalog()),
        NoQuote::Trouble(trouble) => Refused::trouble(&trouble),
    })?;
    Ok(Priced { mark: Fingerprint::of(&cart), cart, quote })
}

/// The domain's cart: prices by the variants they belong to.
fn resolved(asked: &read::Cart, customer: &User, catalog: &Catalog) -> Result<Cart, Refused> {
    let contents = match &asked.content {
        Content::TopUp(amount) => Contents::TopUp(*amount),
        Content::Lines(lines) => {
            let line = |(at, line): (usize, &read::WantedLine)| {
                let variant = catalog.variant_by_price_key(&line.price_id);
                Ok(CartLine {
                    variant: variant.ok_or_else(|| price_not_found(Some(at)))?,
                    option: line.price_id.clone(),
                    quantity: line.quantity,
                    metadata: metadata(line),
                })
            };
            Contents::Lines(lines.iter().enumerate().map(line).collect::<Result<_, _>>()?)
        }
    };
    let credit = match asked.credit {
        Credit::Applied => UseCredit::Yes,
        Credit::Kept => UseCredit::No,
    };
    Ok(Cart { customer: customer.id, currency: Currency::USD, contents, code: asked.code.clone(), credit })
}

fn metadata(line: &read::WantedLine) -> Metadata {
    let filter = line.filter.as_ref().map(|filter| {
        let mut kept = Map::new();
        kept.insert(views::FILTER.to_owned(), filter.to_json());
        kept
    });
    Metadata { customer: filter, admin: None }
}

/// Judges every method for a priced cart.
async fn checked<'a>(
    call: &Call,
    customer: &'a User,
    priced: &'a Priced,
    country: Option<CountryCode>,
) -> Result<Checked<'a>, Refused> {
    let PricedCart { quoted, catalog, buyer, now, .. } = &priced.quote;
    let down: BTreeSet<String> = call.app.engine.platforms_down();
    let facts = quoted.facts(catalog, buyer, country, &down, *now);
    let verdicts =
        eligibility::table(catalog, &ChannelKey::new(super::channel::NAME), &customer.wallet, &facts);
    let geography = &catalog.settings.geography;
    let judged =
        views::judged(&verdicts, quoted.payable, quoted.order.currency, quoted.goods.renews, geography);
    let about = About { customer: customer.id, cart: &priced.mark, payable: quoted.payable, country };
    let signer = auth::validation_signer(&call.app).await?;
    let token = token::seal(&signer, &about, judged.allowed_ids(), *now);
    let expires_at = Time(now.0.saturating_add(HOLDS_MS));
    let rules_version = catalog.payment_rules.version;
    Ok(Checked { judged, country, rules_version, token, expires_at })
}

/// The answer.
pub fn view<'a>(priced: &'a Priced, asked: &'a read::Cart, checked: Option<Checked<'a>>) -> CartView<'a> {
    let PricedCart { quoted, catalog, stock, now, .. } = &priced.quote;
    let around = Around {
        catalog,
        stock,
        quote_id: priced.mark.quote_id(quoted.order.total(), quoted.payable),
        expires_at: Time(now.0.saturating_add(HOLDS_MS)),
        code: asked.code.as_deref(),
    };
    views::cart(quoted, around, checked)
}
