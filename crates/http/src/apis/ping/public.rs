//! The same checkout for customers with keys of their own: one product at a time, paid with credit and nothing else.

use super::call::{Answered, KeyCall, actor, answer, kept_once};
use super::cart::{self, Priced};
use super::channel::NAME;
use super::checkout::{Said, buy, refuse};
use super::read::{self, Content, Credit, PublicQuote, Validation, WantedLine, WantedProduct};
use super::refuse::{Refused, price_not_found, unknown_method};
use super::stock::services;
use super::views;
use domain::catalog::{Catalog, MethodKind, PaymentMethod, PriceOption, Product, Service};
use domain::channel::ChannelKey;
use domain::command::{Purchase, Vouched};
use domain::money::Currency;
use domain::order::SaveCard;

/// How long goods are held, in minutes; credit pays at once, so nothing is.
const HOLD_MINUTES: u32 = 1;

/// `POST /public/user/checkout/quote`
pub async fn quote(KeyCall { call, customer }: KeyCall) -> Answered {
    let asked = wanted(read::public_quote(&call.body)?, &call.app.engine.catalog())?;
    let priced = cart::price(&call, &customer, &asked).await?;
    Ok(answer(&cart::view(&priced, &asked, None), "Quote generated successfully."))
}

/// `POST /public/user/checkout/create`
pub async fn create(KeyCall { call, customer }: KeyCall) -> Answered {
    let asked = read::public_quote(&call.body)?;
    let once = kept_once(&call.incoming, &customer)?;
    let catalog = call.app.engine.catalog();
    let priced = match wanted(asked, &catalog) {
        Ok(asked) => cart::price(&call, &customer, &asked).await,
        Err(refused) => Err(refused),
    };
    let (Priced { cart, .. }, method) = match priced.and_then(|priced| Ok((priced, credit(&catalog)?))) {
        Ok(both) => both,
        Err(refused) => return refuse(&call, once, refused).await,
    };
    let purchase = Purchase {
        cart,
        method: method.id,
        card: None,
        save: SaveCard::No,
        expected_payable: None,
        country: None,
        success_url: None,
        cancel_url: None,
        vouched: Vouched::No,
        hold_minutes: HOLD_MINUTES,
        down: call.app.engine.platforms_down(),
    };
    let said = Said::Public { base: call.base() };
    buy(&call.app, actor(&customer), once, purchase, said).await
}

/// The way of paying that is credit.
fn credit(catalog: &Catalog) -> Result<&PaymentMethod, Refused> {
    let channel = ChannelKey::new(NAME);
    let mut methods = catalog.payment_methods.values().map(|method| &**method);
    let is_credit = |method: &&PaymentMethod| {
        method.active && method.kind == MethodKind::StoreCredit && method.channels.show(&channel)
    };
    methods.find(is_credit).ok_or_else(unknown_method)
}

/// A cart of one line: the price that fits what was asked for.
fn wanted(asked: PublicQuote, catalog: &Catalog) -> Result<read::Cart, Refused> {
    let PublicQuote { product, quantity, cycle, code, filter } = asked;
    let found = services(catalog).into_iter().find(|(found, service)| is_it(&product, found, service));
    let option = found.and_then(|(product, _)| option(product, cycle.as_ref()));
    let option = option.ok_or_else(|| price_not_found(None))?;
    let line = WantedLine { price_id: option.key.clone(), quantity, filter };
    Ok(read::Cart {
        content: Content::Lines(vec![line]),
        code,
        credit: Credit::Applied,
        validation: Validation::None,
    })
}

fn is_it(wanted: &WantedProduct, product: &Product, service: &Service) -> bool {
    match wanted {
        WantedProduct::Code(code) => views::code_of(product) == *code,
        WantedProduct::Kind { product_type, country, protocol } => {
            service.kind.eq_ignore_ascii_case(product_type)
                && country.as_ref().is_none_or(|country| {
                    service.country.is_some_and(|known| known.as_str().eq_ignore_ascii_case(country))
                })
                && protocol
                    .as_ref()
                    .is_none_or(|protocol| service.protocol.as_ref().is_some_and(|known| known == protocol))
        }
    }
}

/// The option of this cycle; without one, whatever is offered first.
fn option<'a>(product: &'a Product, cycle: Option<&(String, u32)>) -> Option<&'a PriceOption> {
    let variants = product.all_variants().filter(|variant| variant.deleted_at.is_none());
    let mut options = variants.flat_map(|variant| &variant.prices).filter(|option| {
        !option.key.is_empty() && !option.inactive && option.price.currency == Currency::USD
    });
    options.find(|option| {
        cycle.is_none_or(|(unit, count)| {
            option
                .interval
                .as_ref()
                .is_some_and(|interval| interval.unit == *unit && interval.count == *count)
        })
    })
}
