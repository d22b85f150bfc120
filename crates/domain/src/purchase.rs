//! What a cart comes to: lines, code, credit and what is left to pay. A quote and a purchase are this calculation.
//!
//! A cart of a purchase holds what is neither shipped nor ticketed: nothing has to be asked but how to pay. Prices are
//! `price`'s as everywhere; only the cart's own rules (one kind of service, one billing cycle) stand in here.

use crate::catalog::{Catalog, Interval, MethodKind, PaymentMethod, PriceOption, Product, Service, Variant};
use crate::command::{Cart, CartLine, Contents, UseCredit};
use crate::decide::{missing_pieces, unsaved};
use crate::decision::Context;
use crate::eligibility::{Facts, Goods, buys};
use crate::money::{Amount, Currency};
use crate::order::{AppliedPromotion, Line, Order, OrderKind};
use crate::price::{self, AdjustmentSource, admits};
use crate::refusal::{CodeReason, FieldError, Refusal, Rule, Shortage, Thing};
use crate::ticketing::availability;
use crate::user::Buyer;
use crate::{CreditId, LineId, limits};
use serde_json::Map;
use std::collections::BTreeSet;

/// A cart with its prices. Nothing of it is stored.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// Its ids mean nothing.
    pub order: Order,
    /// What became of the code, if there was one; a refused one takes nothing off.
    pub code: Option<Result<AppliedPromotion, CodeReason>>,
    /// The customer's balance.
    pub balance: Amount,
    /// What credit pays of it.
    pub credit: Amount,
    /// What is left to be paid.
    pub payable: Amount,
    /// Lines that cannot be supplied at the moment.
    pub shortages: Vec<Shortage>,
    pub goods: Goods,
}

impl Quoted {
    /// What eligibility is judged by.
    pub fn facts<'a>(
        &'a self,
        catalog: &'a Catalog,
        buyer: &Buyer,
        country: Option<crate::catalog::CountryCode>,
        down: &'a BTreeSet<String>,
        now: crate::Time,
    ) -> Facts<'a> {
        Facts {
            rules: &catalog.payment_rules,
            flags: buyer.user.as_ref().map(|user| user.flags).unwrap_or_default(),
            country,
            currency: self.order.currency,
            payable: self.payable,
            total: self.order.total(),
            credit: self.balance,
            buys: buys(&self.order),
            goods: &self.goods,
            down,
            now,
        }
    }
}

/// What a cart comes to at this moment.
///
/// # Errors
/// The refusal, if there is no price: unknown goods, kinds or cycles that do not go together, a sum out of bounds.
/// A code that does not apply and goods that are short are part of the answer.
pub fn quote(cart: &Cart, context: &Context<'_>) -> Result<Quoted, Refusal> {
    let mut order = unsaved(cart.customer, cart.currency, context);
    fill(&mut order, cart, context)?;
    let code = set_prices(&mut order, cart, context)?;
    let parts = credit_parts(&order, cart.credit, context);
    let credit: Amount = parts.iter().map(|(_, amount)| *amount).sum();
    Ok(Quoted {
        code,
        balance: spendable(context, cart.currency),
        credit,
        payable: order.total() - credit,
        shortages: missing_pieces(&order, context),
        goods: Goods::of(&order, context.catalog),
        order,
    })
}

/// Puts the cart's contents on an empty order.
///
/// # Errors
/// See `quote`.
pub(crate) fn fill(order: &mut Order, cart: &Cart, context: &Context<'_>) -> Result<(), Refusal> {
    if !context.via.currencies.contains(&cart.currency) {
        return Err(invalid("currency", Rule::NotIncluded));
    }
    match &cart.contents {
        Contents::TopUp(amount) => {
            let (least, most) = context.catalog.payment_rules.top_ups;
            if *amount < least || *amount > most {
                return Err(Refusal::TopUpOutOfRange { least, most });
            }
            order.kind = OrderKind::TopUp { amount: *amount };
            Ok(())
        }
        Contents::Lines(lines) => fill_lines(order, lines, context),
    }
}

fn fill_lines(order: &mut Order, wanted: &[CartLine], context: &Context<'_>) -> Result<(), Refusal> {
    if wanted.is_empty() {
        return Err(Refusal::NoLines);
    }
    if wanted.len() > limits::LINES {
        return Err(Refusal::TooMany(format!("lines (at most {})", limits::LINES)));
    }
    let mut kinds: BTreeSet<&str> = BTreeSet::new();
    let mut cycle: Option<&Interval> = None;
    let mut mixed = false;
    for line in wanted {
        let (product, variant, option) = sold(line, order.currency, context)?;
        if let Some(service) = &product.service {
            if service.kind == Service::CREDIT {
                return Err(Refusal::UseTopUp);
            }
            kinds.insert(&service.kind);
        }
        mixed |= option.interval.as_ref().is_some_and(|own| *cycle.get_or_insert(own) != own);
        put_line(order, line, variant, context)?;
    }
    if kinds.len() > 1 {
        return Err(Refusal::MixedServiceTypes(kinds.into_iter().map(str::to_owned).collect()));
    }
    if mixed {
        return Err(Refusal::MixedIntervals);
    }
    for line in &mut order.lines {
        let option = option_of(line, order.currency, context);
        let price = option.map(|option| price::unit_price(option, line.quantity));
        line.price = price.unwrap_or_default().max(Amount::ZERO).bounded()?;
    }
    let faults = availability::out_of_bounds(order, context.catalog);
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Faults(faults)) }
}

/// The same variant and option twice is one line of all pieces: tiers see them together.
fn put_line(
    order: &mut Order,
    wanted: &CartLine,
    variant: &Variant,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let same = |line: &&mut Line| line.variant == wanted.variant && line.option == wanted.option;
    let quantity = match order.lines.iter_mut().find(same) {
        Some(line) => {
            line.quantity = line.quantity.saturating_add(wanted.quantity);
            line.quantity
        }
        None => {
            let mut line = Line {
                id: LineId::fresh(context.ids),
                variant: variant.id,
                option: wanted.option.clone(),
                parent: None,
                quantity: wanted.quantity,
                price: Amount::ZERO,
                reserved: Vec::new(),
                drawn: Vec::new(),
                customer_metadata: Map::new(),
                admin_metadata: Map::new(),
            };
            crate::decide::set_metadata(
                &mut line.customer_metadata,
                &mut line.admin_metadata,
                wanted.metadata.clone(),
            )?;
            order.lines.push(line);
            wanted.quantity
        }
    };
    let most = limits::QUANTITY;
    match quantity {
        0 => Err(invalid("quantity", Rule::AtLeast(1))),
        quantity if quantity > most => Err(invalid("quantity", Rule::AtMost(i64::from(most)))),
        _ => Ok(()),
    }
}

/// The goods of a line, if they are sold here and now and need nothing but payment.
fn sold<'a>(
    line: &CartLine,
    currency: Currency,
    context: &Context<'a>,
) -> Result<(&'a Product, &'a Variant, &'a PriceOption), Refusal> {
    let gone = Refusal::NotFound(Thing::Variant);
    let Some((product, variant)) = context.catalog.variant(line.variant) else { return Err(gone) };
    let option = variant.price_option(&line.option, currency).filter(|option| !option.inactive);
    let is_sold = variant.deleted_at.is_none()
        && product.channels.show(&context.via.key)
        && product.is_available(context.now)
        && availability::window(product, variant, context.now).can_be_ordered();
    let asks_more = product.ships() || !variant.draws.is_empty() || !variant.package.is_empty();
    match option {
        Some(option) if is_sold && !asks_more => Ok((product, variant, option)),
        _ => Err(gone),
    }
}

fn option_of<'a>(line: &Line, currency: Currency, context: &Context<'a>) -> Option<&'a PriceOption> {
    context.catalog.variant(line.variant)?.1.price_option(&line.option, currency)
}

/// Applies the code and computes the prices. What became of the code is told; a refused one takes nothing off.
///
/// # Errors
/// A sum out of bounds.
pub(crate) fn set_prices(
    order: &mut Order,
    cart: &Cart,
    context: &Context<'_>,
) -> Result<Option<Result<AppliedPromotion, CodeReason>>, Refusal> {
    let Context { catalog, buyer, now, via, .. } = *context;
    let automatic = price::automatic_promotions(order, catalog, buyer, now, &via.key);
    order
        .promotions
        .extend(automatic.into_iter().map(|promotion| AppliedPromotion { promotion, code: None }));
    let code = cart.code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    let mut outcome = code.map(|code| admits(order, code, &via.key, catalog, buyer, now));
    if let Some(Ok(applied)) = &outcome {
        order.promotions.push(applied.clone());
    }
    order.sheet = price::price(order, catalog, buyer, now)?;
    if let Some(Ok(applied)) = &outcome {
        let id = applied.promotion;
        let takes = |source: &AdjustmentSource| matches!(source, AdjustmentSource::Promotion { promotion, .. } if *promotion == id);
        if !order.sheet.adjustments().any(|a| a.eligible && takes(&a.source)) {
            order.promotions.retain(|applied| applied.promotion != id);
            order.sheet = price::price(order, catalog, buyer, now)?;
            outcome = Some(Err(match order.kind {
                OrderKind::Sale => CodeReason::NotApplicableToProducts,
                OrderKind::TopUp { .. } => CodeReason::NotApplicableToTopUp,
            }));
        }
    }
    Ok(outcome)
}

/// The method that records what credit pays in the asking channel.
pub(crate) fn credit_method<'a>(context: &Context<'a>) -> Option<&'a PaymentMethod> {
    let is_it = |method: &&PaymentMethod| {
        method.kind == MethodKind::StoreCredit && method.active && method.channels.show(&context.via.key)
    };
    context.catalog.payment_methods.values().map(|method| &**method).find(is_it)
}

/// What credit would pay of an order, by grant. Credit never pays for credit.
pub(crate) fn credit_parts(
    order: &Order,
    apply: UseCredit,
    context: &Context<'_>,
) -> Vec<(CreditId, Amount)> {
    if apply == UseCredit::No || order.kind != OrderKind::Sale || credit_method(context).is_none() {
        return Vec::new();
    }
    let mut left = order.total();
    let mut parts = Vec::new();
    for (credit, available) in grants(context.buyer, order.currency) {
        let amount = available.min(left);
        if !amount.is_positive() {
            break;
        }
        parts.push((credit, amount));
        left = left - amount;
    }
    parts
}

/// The balance that one order can draw on.
pub(crate) fn spendable(context: &Context<'_>, currency: Currency) -> Amount {
    grants(context.buyer, currency).map(|(_, available)| available).sum()
}

/// Grants with something left. As many as an order can have payments beside the last one.
fn grants(buyer: &Buyer, currency: Currency) -> impl Iterator<Item = (CreditId, Amount)> {
    let usable = buyer.credits.iter().filter(move |credit| credit.currency == currency);
    let left = usable.filter(|credit| credit.available.is_positive());
    left.map(|credit| (credit.id, credit.available)).take(limits::PAYMENTS - 1)
}

fn invalid(field: &str, rule: Rule) -> Refusal {
    Refusal::Invalid(vec![FieldError::new(field, rule)])
}
