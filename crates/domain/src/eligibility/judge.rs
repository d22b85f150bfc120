//! The judgement itself. See the module for the order of evaluation.

use super::{Buys, Facts, Reason};
use crate::Time;
use crate::catalog::{Catalog, MethodKind, PaymentMethod, PaymentRules, RuleSet};
use crate::channel::ChannelKey;
use crate::money::Money;
use crate::order::CardDetails;
use crate::user::SavedCard;
use std::borrow::Cow;

/// What was judged.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    Method(&'a PaymentMethod),
    /// A saved card, and the method it pays by.
    Card(&'a SavedCard, &'a PaymentMethod),
}

#[derive(Debug, Clone)]
pub struct Verdict<'a> {
    pub subject: Subject<'a>,
    /// Empty: allowed. Else the one that counts first.
    pub reasons: Vec<Reason>,
}

impl Verdict<'_> {
    pub fn is_allowed(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Every active method that a channel offers to buyers, by position, and then every card saved for one of them:
/// each exactly once, allowed or with its reasons.
pub fn table<'a>(
    catalog: &'a Catalog,
    channel: &ChannelKey,
    wallet: &'a [SavedCard],
    facts: &Facts<'_>,
) -> Vec<Verdict<'a>> {
    let offered =
        |method: &&PaymentMethod| method.active && method.for_buyers && method.channels.show(channel);
    let mut methods: Vec<&PaymentMethod> =
        catalog.payment_methods.values().map(|method| &**method).filter(offered).collect();
    methods.sort_by_key(|method| (method.position, method.id));
    let mut verdicts: Vec<Verdict<'a>> = methods
        .iter()
        .map(|method| Verdict { subject: Subject::Method(method), reasons: judge(method, facts) })
        .collect();
    for card in wallet {
        let Some(method) = methods.iter().find(|method| method.id == card.method) else { continue };
        let reasons = judge_card(card, method, facts);
        verdicts.push(Verdict { subject: Subject::Card(card, method), reasons });
    }
    verdicts
}

/// Why a method may not be used; nothing if it may.
pub fn judge(method: &PaymentMethod, facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if method.kind == MethodKind::StoreCredit {
        credit(method, facts, &mut reasons);
    } else if facts.payable.is_zero() {
        reasons.push(Reason::NoPaymentRequired);
    }
    by_rules(method, facts, &mut reasons);
    // Amounts are moot where there is nothing to pay.
    if facts.payable.is_zero() {
        reasons.retain(|reason| !matches!(reason, Reason::BelowMinimum { .. }));
    }
    in_order(&mut reasons);
    reasons
}

/// The same for a saved card.
pub fn judge_card(card: &SavedCard, method: &PaymentMethod, facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = judge(method, facts);
    let details = &card.card.details;
    if is_expired(details, facts.now) {
        reasons.push(Reason::CardExpired { month: details.month, year: details.year });
    }
    reasons
}

/// What the merchant's rules, and nothing else, have against a method. What the rules do not name has nothing
/// against it, so that they leave the methods of other channels alone.
pub fn objections(method: &PaymentMethod, facts: &Facts<'_>) -> Vec<Reason> {
    if !is_ruled(method, facts.rules) {
        return Vec::new();
    }
    let mut reasons = Vec::new();
    by_rules(method, facts, &mut reasons);
    in_order(&mut reasons);
    reasons
}

/// Whether any rule is about a method. Credit has its own balance to answer to.
pub(super) fn is_ruled(method: &PaymentMethod, rules: &PaymentRules) -> bool {
    let named = matches!(method.kind, MethodKind::Platform(_))
        || rules.methods.contains_key(&method.key)
        || rules.platforms.contains_key(platform_of(method));
    named && method.kind != MethodKind::StoreCredit
}

fn in_order(reasons: &mut Vec<Reason>) {
    // Stable: within one place the order of evaluation stays. Of two bounds the narrower one is told.
    reasons.sort_by_key(|reason| match reason {
        Reason::BelowMinimum { minimum, .. } => (reason.place(), -minimum.amount.0),
        Reason::AboveMaximum { maximum, .. } => (reason.place(), maximum.amount.0),
        _ => (reason.place(), 0),
    });
    let mut seen = Vec::with_capacity(reasons.len());
    reasons.retain(|reason| {
        let is_new = !seen.contains(&reason.code());
        seen.push(reason.code());
        is_new
    });
}

/// The platform a method's rules belong to: the part of its key before the colon.
pub(super) fn platform_of(method: &PaymentMethod) -> &str {
    match &method.kind {
        MethodKind::Platform(platform) => &platform.platform,
        _ => method.key.split(':').next().unwrap_or_default(),
    }
}

/// Credit pays everything or nothing, and never for credit.
fn credit(method: &PaymentMethod, facts: &Facts<'_>, reasons: &mut Vec<Reason>) {
    match facts.buys {
        Buys::Credit => reasons.push(Reason::NotAvailableForTopUp { of: method.name.clone() }),
        Buys::Goods if facts.credit < facts.total => reasons.push(Reason::InsufficientCredit {
            balance: facts.credit,
            needed: Money { amount: facts.total, currency: facts.currency },
        }),
        Buys::Goods => {}
    }
}

/// How people call a platform.
fn label<'a>(key: &'a str, set: Option<&'a RuleSet>) -> Cow<'a, str> {
    if let Some(label) = set.and_then(|set| set.label.as_deref()) {
        return Cow::Borrowed(label);
    }
    let mut letters = key.chars();
    match letters.next() {
        Some(first) => Cow::Owned(first.to_uppercase().chain(letters).collect()),
        None => Cow::Borrowed(key),
    }
}

fn by_rules(method: &PaymentMethod, facts: &Facts<'_>, reasons: &mut Vec<Reason>) {
    let platform = platform_of(method);
    let of_platform = facts.rules.platforms.get(platform);
    let of_method = facts.rules.methods.get(&method.key);
    if of_method.is_some_and(|set| set.off) {
        reasons.push(Reason::FeatureDisabled { of: method.name.clone() });
    }
    if of_platform.is_some_and(|set| set.off) || facts.down.contains(platform) {
        reasons.push(Reason::PlatformUnavailable { of: label(platform, of_platform).into_owned() });
    }
    if facts.flags.blocked {
        reasons.push(Reason::CustomerBlocked);
    }
    if let Some(country) = facts.country.filter(|country| facts.rules.sanctioned.contains(country)) {
        reasons.push(Reason::RegionSanctioned { country });
    }
    if let Some(set) = of_platform {
        by_set(set, &label(platform, of_platform), facts, reasons);
    }
    if let Some(set) = of_method {
        by_set(set, set.label.as_deref().unwrap_or(&method.name), facts, reasons);
    }
}

fn by_set(set: &RuleSet, of: &str, facts: &Facts<'_>, reasons: &mut Vec<Reason>) {
    let of = || of.to_owned();
    let flags = facts.flags;
    if set.verified_email && !flags.email_verified {
        reasons.push(Reason::CustomerUnverified { of: of() });
    }
    let risky = set.risk_max.is_some_and(|most| flags.risk > most);
    if risky || set.chargebacks_max.is_some_and(|most| flags.chargebacks > most) {
        reasons.push(Reason::RiskTooHigh { of: of() });
    }
    match facts.country {
        None if set.require_known_region => reasons.push(Reason::RegionUnknown { of: of() }),
        None => {}
        Some(country) => {
            let elsewhere = !set.allow_countries.is_empty() && !set.allow_countries.contains(&country);
            if elsewhere || set.deny_countries.contains(&country) {
                reasons.push(Reason::RegionNotSupported { of: of(), country });
            }
        }
    }
    if let Some(kind) = facts.goods.kinds.iter().find(|kind| set.deny_product_types.contains(*kind)) {
        reasons.push(Reason::ProductTypeNotSupported { of: of(), product_type: kind.clone() });
    }
    if set.no_top_ups && facts.buys == Buys::Credit {
        reasons.push(Reason::NotAvailableForTopUp { of: of() });
    }
    if set.no_recurring && facts.goods.renews {
        reasons.push(Reason::RecurringNotSupported { of: of() });
    }
    if !set.currencies.is_empty() && !set.currencies.contains(&facts.currency) {
        reasons.push(Reason::CurrencyNotSupported { of: of(), currency: facts.currency });
    }
    let amount = facts.payable;
    let counts = |bound: &Money| bound.currency == facts.currency;
    if let Some(minimum) = set.min.filter(counts).filter(|minimum| amount < minimum.amount) {
        reasons.push(Reason::BelowMinimum { of: of(), minimum, amount });
    }
    if let Some(maximum) = set.max.filter(counts).filter(|maximum| amount > maximum.amount) {
        reasons.push(Reason::AboveMaximum { of: of(), maximum, amount });
    }
}

/// A card is good to the end of the month that is printed on it, in UTC.
fn is_expired(card: &CardDetails, now: Time) -> bool {
    (i64::from(card.year), i64::from(card.month)) < year_and_month(now)
}

/// The calendar month of a moment, by the rule of the proleptic Gregorian calendar: counted in eras of 400 years that
/// begin in March, so that the leap day is the last day of a year.
pub(super) fn year_and_month(now: Time) -> (i64, i64) {
    let days = now.0.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month)
}
