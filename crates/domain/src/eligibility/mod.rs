//! Eligibility: which payment methods a buyer may use for a cart, and why not the others.
//!
//! Pure: rules, facts of buyer and cart, and the time go in; every method comes out with its reasons, the most
//! important one first. Nothing is looked up in here, and no platform is asked.
//!
//! | place | rule | reason |
//! | --- | --- | --- |
//! | 0 | nothing is to be paid | `no_payment_required`, but for credit |
//! | 1 | switched off, or the platform does not answer | `feature_disabled`, `platform_unavailable` |
//! | 2 | the buyer's record | `customer_blocked`, `customer_unverified`, `risk_too_high` |
//! | 3 | sanctions | `region_sanctioned` |
//! | 4 | region | `region_unknown`, `region_not_supported` |
//! | 5 | what is bought | `product_type_not_supported`, `not_available_for_top_up`, `recurring_not_supported` |
//! | 6 | currency | `currency_not_supported` |
//! | 7 | amount, both ends inclusive; the balance for credit | `below_minimum`, `above_maximum`, `insufficient_credit` |
//! | 8 | the saved card, good to the end of its month | `card_expired` |

mod judge;
mod reason;
#[cfg(test)]
mod tests;

pub use judge::{Subject, Verdict, judge, judge_card, objections, table};
pub use reason::Reason;

use crate::Time;
use crate::catalog::{Catalog, CountryCode, PaymentMethod, PaymentRules};
use crate::money::{Amount, Currency};
use crate::order::{Order, OrderKind};
use crate::user::{Buyer, PayerFlags};
use std::collections::BTreeSet;

/// What a judgement may look at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub rules: &'a PaymentRules,
    pub flags: PayerFlags,
    /// `None`: nobody knows where the buyer is.
    pub country: Option<CountryCode>,
    pub currency: Currency,
    /// What is to be paid beside credit that is applied.
    pub payable: Amount,
    /// What the goods cost; what credit would have to cover.
    pub total: Amount,
    /// The buyer's balance.
    pub credit: Amount,
    pub buys: Buys,
    pub goods: &'a Goods,
    /// Platforms that do not answer.
    pub down: &'a BTreeSet<String>,
    pub now: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buys {
    Goods,
    Credit,
}

/// What rules may ask of the goods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goods {
    /// Kinds of services in the cart.
    pub kinds: BTreeSet<String>,
    /// Something renews.
    pub renews: bool,
}

impl Goods {
    pub fn of(order: &Order, catalog: &Catalog) -> Goods {
        let mut goods = Goods::default();
        for line in &order.lines {
            let Some((product, variant)) = catalog.variant(line.variant) else { continue };
            if let Some(service) = &product.service
                && !goods.kinds.contains(&service.kind)
            {
                goods.kinds.insert(service.kind.clone());
            }
            let option = variant.price_option(&line.option, order.currency);
            goods.renews |= option.is_some_and(|option| option.interval.is_some());
        }
        goods
    }
}

/// Where the buyer of an order is: as the request tells, else by the bill address, else nobody knows.
pub fn country_of(order: &Order, buyer: &Buyer, catalog: &Catalog) -> Option<CountryCode> {
    let billed = order.bill_address.as_ref().and_then(|address| address.fields.country);
    let country = catalog.settings.geography.country(buyer.country.or(billed)?)?;
    CountryCode::parse(&country.alpha2)
}

/// What the rules have against paying so much of an order with a method, whichever channel asks; nothing against
/// methods that no rule names.
pub fn objections_of_order(
    order: &Order,
    method: &PaymentMethod,
    payable: Amount,
    buyer: &Buyer,
    catalog: &Catalog,
    now: Time,
) -> Vec<Reason> {
    if !judge::is_ruled(method, &catalog.payment_rules) {
        return Vec::new();
    }
    let goods = Goods::of(order, catalog);
    let user = buyer.user.as_ref().filter(|user| Some(user.id) == order.customer);
    let facts = Facts {
        rules: &catalog.payment_rules,
        flags: user.map(|user| user.flags).unwrap_or_default(),
        country: country_of(order, buyer, catalog),
        currency: order.currency,
        payable,
        total: order.total(),
        credit: buyer.available_credit(order.currency),
        buys: buys(order),
        goods: &goods,
        down: &BTreeSet::new(),
        now,
    };
    objections(method, &facts)
}

/// Whether a method may be shown for an order: nothing is against it as the order stands.
pub fn may_be_offered(
    order: &Order,
    method: &PaymentMethod,
    buyer: &Buyer,
    catalog: &Catalog,
    now: Time,
) -> bool {
    let payable = order.outstanding() - order.applicable_credit(buyer);
    // An empty cart costs nothing yet: that is no reason to hide what it may be paid with.
    let premature = |reason: &Reason| matches!(reason, Reason::BelowMinimum { .. }) && order.lines.is_empty();
    objections_of_order(order, method, payable, buyer, catalog, now).iter().all(premature)
}

/// What an order buys.
pub fn buys(order: &Order) -> Buys {
    match order.kind {
        OrderKind::Sale => Buys::Goods,
        OrderKind::TopUp { .. } => Buys::Credit,
    }
}
